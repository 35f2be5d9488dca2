package amishare

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/hyperpodkit/hyperpodkit"
)

// Class is the kind of an image. Ownership, tags and sharing are rules for custom
// AMIs only.
type Class uint8

const (
	// ClassUnknown is an image that could not be looked up.
	ClassUnknown Class = iota
	// ClassDefault is the literal "default": HyperPod's own newest image.
	ClassDefault
	// ClassPublic is one of HyperPod's public AMIs: Amazon's, and named "HyperPod …".
	ClassPublic
	// ClassCustom is any other AMI.
	ClassCustom
)

// String returns "unknown", "default", "public" or "custom".
func (c Class) String() string {
	switch c {
	case ClassUnknown:
		return "unknown"
	case ClassDefault:
		return "default"
	case ClassPublic:
		return "public"
	case ClassCustom:
		return "custom"
	default:
		return "invalid"
	}
}

// MarshalText encodes the class as its name.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a class's name.
func (c *Class) UnmarshalText(text []byte) error {
	for class := ClassUnknown; class <= ClassCustom; class++ {
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
	Images []ImageReport
}

// ImageReport is what was found about one image for one use.
type ImageReport struct {
	Use   hyperpodkit.ImageUse
	Class Class
	// Name is the AMI's name. Empty when there is none.
	Name string
	// Findings is empty when nothing was found, and never nil.
	Findings []hyperpodkit.Finding
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
