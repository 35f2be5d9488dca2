package amishare

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/hyperpodkit/hyperpodkit"
)

// ImageClass is the kind of an image. Ownership, tags and sharing are rules for custom
// AMIs only.
type ImageClass uint8

const (
	// ImageUnknown is an image that could not be looked up.
	ImageUnknown ImageClass = iota
	// ImageDefault is the literal "default": HyperPod's own newest image.
	ImageDefault
	// ImagePublic is one of HyperPod's public AMIs: Amazon's, and named "HyperPod …".
	ImagePublic
	// ImageCustom is any other AMI.
	ImageCustom
)

// String returns "unknown", "default", "public" or "custom".
func (c ImageClass) String() string {
	switch c {
	case ImageUnknown:
		return "unknown"
	case ImageDefault:
		return "default"
	case ImagePublic:
		return "public"
	case ImageCustom:
		return "custom"
	default:
		return "invalid"
	}
}

// MarshalText encodes the class as its name.
func (c ImageClass) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a class's name.
func (c *ImageClass) UnmarshalText(text []byte) error {
	for class := ImageUnknown; class <= ImageCustom; class++ {
		if class.String() == string(text) {
			*c = class
			return nil
		}
	}
	return fmt.Errorf("amishare: class %q: use unknown, default, public or custom", text)
}

// Report is what a check found, for each use in the order asked. It prints as a
// table, and marshals to JSON by its members' names.
type Report struct {
	// Images has one report for each use, in their order.
	Images []ImageReport
}

// ImageReport is what was found about one image for one use.
type ImageReport struct {
	// Use is what the image was judged for.
	Use hyperpodkit.ImageUse
	// Class is the image's, [ImageUnknown] when it was not seen.
	Class ImageClass
	// Name is the AMI's name. Empty when there is none.
	Name string
	// Findings is empty when nothing was found, and never nil.
	Findings []hyperpodkit.Finding
}

// LogValue implements [slog.LogValuer].
func (r *Report) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("images", len(r.Images)), slog.Bool("ok", r.OK()), findingsAttr(r.Findings()))
}

// OK reports whether no finding is an error.
func (r *Report) OK() bool {
	for _, f := range r.Findings() {
		if f.Level == hyperpodkit.Error {
			return false
		}
	}
	return true
}

// Findings returns the findings on all images, in order.
func (r *Report) Findings() []hyperpodkit.Finding {
	var all []hyperpodkit.Finding
	for _, img := range r.Images {
		all = append(all, img.Findings...)
	}
	return all
}

// String returns the report as a table: a line for each image, and one for each
// finding below it.
func (r *Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	// A strings.Builder does not fail, so neither do these.
	_, _ = fmt.Fprintln(w, "IMAGE\tLEVEL\tRULE\tFOUND\tFIX")
	for _, img := range r.Images {
		if len(img.Findings) == 0 {
			_, _ = fmt.Fprintf(w, "%s\tok\t-\t%s\t-\n", img.Use.Image, img.what())
		}
		for _, f := range img.Findings {
			resource := img.Use.Image
			if f.Resource != "" && f.Resource != resource {
				resource += " " + f.Resource
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", resource, f.Level, f.Rule, f.Found, cmp.Or(f.Fix, "-"))
		}
	}
	_ = w.Flush()
	return b.String()
}

func (r ImageReport) what() string {
	s := r.Class.String() + " image"
	if r.Name != "" {
		s += " " + r.Name
	}
	return s
}
