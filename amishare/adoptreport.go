package amishare

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/hyperpodkit/hyperpodkit"
)

// AdoptStage is how far an adoption has come.
type AdoptStage uint8

const (
	// AdoptNothing means that nothing was copied.
	AdoptNothing AdoptStage = iota
	// AdoptUnknown means that a copy was asked for and the answer did not come. It may
	// have begun: adopting again finds it.
	AdoptUnknown
	// AdoptCopying means that the copy was under way, or there and not yet checked, when
	// the adoption ended: adopting again goes on.
	AdoptCopying
	// AdoptFailed means that EC2 could not make the copy, or that it is disabled.
	AdoptFailed
	// AdoptUnfit means that the copy is available and breaks a rule: see the findings.
	AdoptUnfit
	// AdoptDone means that the copy is available and fit but for the guard tag.
	AdoptDone
)

// String returns "nothing copied", "not known", "copying", "failed", "unfit" or "done".
func (s AdoptStage) String() string {
	switch s {
	case AdoptNothing:
		return "nothing copied"
	case AdoptUnknown:
		return "not known"
	case AdoptCopying:
		return "copying"
	case AdoptFailed:
		return "failed"
	case AdoptUnfit:
		return "unfit"
	case AdoptDone:
		return "done"
	default:
		return "invalid"
	}
}

// MarshalText encodes the stage as its name.
func (s AdoptStage) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// AdoptReport tells what an [Adopter] did. It prints as a table, and marshals to JSON
// by its members' names.
type AdoptReport struct {
	// Source is the AMI that was to be copied, SourceRegion where it is, and
	// SourceOwner its account, empty when it was not looked at.
	Source, SourceRegion, SourceOwner string
	// Image is the copy's id, Name its name, Snapshots its snapshots, and Region where
	// it is. Image is empty when it is not known.
	Image, Name, Region string
	Snapshots           []string
	// Resumed reports that the copy was there before.
	Resumed bool
	// Stage is how far it has come.
	Stage AdoptStage
	// KMSKey is the key that the copy is encrypted with, as far as could be told. Empty
	// means unencrypted.
	KMSKey string
	// Guard is the tag that lets the copy be shared with HyperPod, and Untagged which
	// of the copy and its snapshots lack it: have them tagged by the role that may.
	Guard    Tag
	Untagged []string
	// Findings are what was found about the AMI and the copy.
	Findings []hyperpodkit.Finding
}

// String returns the report as a table, and below it who has to act next.
func (r *AdoptReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "adopt %s: %s\n", r.Source, r.Stage)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	// A strings.Builder does not fail, so neither do these.
	_, _ = fmt.Fprintln(w, "RESOURCE\tREGION\tWHAT")
	_, _ = fmt.Fprintf(w, "%s\t%s\timage of %s\n", r.Source, r.SourceRegion, cmp.Or(r.SourceOwner, "an unknown account"))
	if r.Image != "" {
		made := "copied now"
		if r.Resumed {
			made = "copied before"
		}
		if r.KMSKey != "" {
			made += ", encrypted with " + r.KMSKey
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", r.Image, r.Region, made)
		for _, id := range r.Snapshots {
			_, _ = fmt.Fprintf(w, "%s\t%s\tits snapshot\n", id, r.Region)
		}
	}
	_ = w.Flush()
	writeFindings(&b, r.Findings)
	switch {
	case r.Stage == AdoptDone && len(r.Untagged) > 0:
		fmt.Fprintf(&b, "next: have %s tagged %s by the role that may; whoever copies does not\n", strings.Join(r.Untagged, " and "), r.Guard)
	case r.Stage == AdoptCopying || r.Stage == AdoptUnknown:
		b.WriteString("next: adopt again, which goes on with this copy\n")
	}
	return b.String()
}

// LogValue implements [slog.LogValuer].
func (r *AdoptReport) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("source", r.Source), slog.String("sourceRegion", r.SourceRegion), slog.String("sourceOwner", r.SourceOwner),
		slog.String("image", r.Image), slog.String("region", r.Region), slog.String("stage", r.Stage.String()),
		slog.Bool("resumed", r.Resumed), slog.Any("untagged", r.Untagged), findingsAttr(r.Findings),
	)
}
