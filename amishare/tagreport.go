package amishare

import (
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
)

// TagReport tells what a [Tagger] did. It prints as a table, and marshals to JSON by
// its members' names.
type TagReport struct {
	// Image is the AMI's id, and Tag the guard.
	Image string
	Tag   Tag
	// Removed says that the tag was to be removed, not set.
	Removed bool
	// Changed are the ids that EC2 was asked to change and did not refuse to; unless there
	// is an error it said that it did.
	Changed []string
	// Already are the ids that needed no change.
	Already []string
	// Verified reports that the AMI and all its snapshots were seen as wanted.
	Verified bool
}

// String returns the report as a table.
func (r *TagReport) String() string {
	already, done := "had it before", "set"
	if r.Removed {
		already, done = "did not have it", "removed"
	}
	if r.Verified {
		done += " and verified"
	} else {
		done += ", not seen yet"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	// A strings.Builder does not fail, so neither do these.
	_, _ = fmt.Fprintln(w, "RESOURCE\tTAG\tRESULT")
	for _, id := range r.Already {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", id, r.Tag, already)
	}
	for _, id := range r.Changed {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", id, r.Tag, done)
	}
	_ = w.Flush()
	return b.String()
}

// LogValue implements [slog.LogValuer].
func (r *TagReport) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("image", r.Image), slog.String("tag", r.Tag.String()), slog.Bool("removed", r.Removed),
		slog.Any("changed", r.Changed), slog.Any("already", r.Already), slog.Bool("verified", r.Verified),
	)
}
