package amishare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// defaultConcurrency is how many AMIs are worked on at the same time. EC2 throttles an
// account's calls to change images and snapshots early (EC2 Developer Guide, "Request
// throttling"), so more brings little.
const defaultConcurrency = 4

// EachOptions are those of [Each].
type EachOptions struct {
	// Concurrency is how many AMIs are worked on at the same time. Zero or less means
	// four.
	Concurrency int
}

// Result is what became of one AMI.
type Result[R any] struct {
	// Image is the AMI's id.
	Image string
	// Report is what the job returned, also together with an error.
	Report R
	// Err is nil when all went well.
	Err error
}

// MarshalJSON writes the error as its text, and not at all when there is none.
func (r Result[R]) MarshalJSON() ([]byte, error) {
	out := struct {
		Image  string
		Report R
		Error  string `json:",omitempty"`
	}{Image: r.Image, Report: r.Report}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	return json.Marshal(out)
}

// Results is what became of each AMI, in the order asked. It prints as text, with the
// reports of those that print, and marshals to JSON.
type Results[R any] []Result[R]

// Err joins the errors of all AMIs, and is nil when there is none.
func (r Results[R]) Err() error {
	errs := make([]error, len(r))
	for i := range r {
		errs[i] = r[i].Err
	}
	return errors.Join(errs...)
}

// String returns a line for each AMI, with its report below it.
func (r Results[R]) String() string {
	var b strings.Builder
	for _, one := range r {
		outcome := "ok"
		if one.Err != nil {
			outcome = "failed: " + one.Err.Error()
		}
		b.WriteString(one.Image + ": " + outcome + "\n")
		if s, ok := any(one.Report).(fmt.Stringer); ok {
			for line := range strings.Lines(s.String()) {
				b.WriteString("  " + line)
			}
		}
	}
	return b.String()
}

// Each does a job for many AMIs, such as [Tagger.TagForSharing], a few at the same time,
// and returns what became of each together with the joined errors. One AMI's error
// stops no other. An id that is given twice is done once.
//
// When EC2 throttles a job beyond what the client's retryer rides out, all pause, for a
// second at first and twice as long each time up to half a minute, and that job is
// done again, eight times at most. So a job must bear being done again, as all those of
// this package do. When ctx ends, those that have not begun end with its cause.
//
// A malformed id is an [*ImageError] that unwraps to [ErrImageID], and then nothing is
// begun.
func Each[R any](ctx context.Context, imageIDs []string, job func(context.Context, string) (R, error), optFns ...func(*EachOptions)) (Results[R], error) {
	opts := EachOptions{}
	for _, fn := range optFns {
		fn(&opts)
	}
	var results Results[R]
	for _, id := range imageIDs {
		if !slices.ContainsFunc(results, func(r Result[R]) bool { return r.Image == id }) {
			results = append(results, Result[R]{Image: id})
		}
	}
	malformed := slices.Clone(results)
	for i := range malformed {
		if err := checkImageID(malformed[i].Image); err != nil {
			malformed[i].Err = &ImageError{Image: malformed[i].Image, Resource: malformed[i].Image, Err: err}
		}
	}
	if err := malformed.Err(); err != nil {
		return malformed, err
	}
	errs := together(ctx, len(results), opts.Concurrency, func(ctx context.Context, i int) error {
		var err error
		results[i].Report, err = job(ctx, results[i].Image)
		return err
	})
	for i, err := range errs {
		results[i].Err = about(results[i].Image, err)
	}
	return results, results.Err()
}

// about makes an error name the AMI, if it does not.
func about(imageID string, err error) error {
	var named *ImageError
	if err == nil || errors.As(err, &named) {
		return err
	}
	return &ImageError{Image: imageID, Resource: imageID, Err: err}
}
