package amisharetest

import (
	"context"
	"net/url"
	"reflect"
	"time"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest/internal/query"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// Call is one call the server was asked, whether it was answered or refused.
type Call struct {
	// Operation is the API operation, such as "ModifyImageAttribute".
	Operation string
	// Account is on whose behalf the call acted, and Region where.
	Account, Region string
	// Forwarded reports that an emulated service made the call with the account's
	// rights, through one of the methods of hyperpodtest's Images interface.
	Forwarded bool
	// Time is the emulated time of the call.
	Time time.Time
	// Input is a copy of the SDK's input, such as *ec2.ModifyImageAttributeInput.
	// It is nil when the request could not be decoded.
	Input any
	// Err is what the call was refused with, nil when it was answered.
	Err error
}

// Calls returns the calls so far, oldest first.
func (s *Server) Calls() []Call {
	calls := s.calls.All()
	for i := range calls {
		calls[i].Input = deep.Copy(calls[i].Input)
	}
	return calls
}

// request is one call on its way through the state machine, with the lock held.
type request struct {
	caller
	server *Server
}

// method answers one operation. It checks first and changes nothing itself: what
// it would change is in commit, which is nil for an operation that reads. So a dry
// run is the same checks without the commit.
type method[I, O any] func(r *request, in *I) (out *O, commit func(), err error)

// invoke is the one way through the state machine, for both doors.
func invoke[I, O any](ctx context.Context, s *Server, who caller, name string, in *I, do method[I, O]) (*O, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	input := new(I)
	if in != nil {
		*input = deep.Copy(*in)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out, commit, err := do(&request{caller: who, server: s}, input)
	switch {
	case err != nil:
	case isDryRun(input):
		err = refuse("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	case commit != nil:
		commit()
	}
	s.record(who, name, input, err)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Server) record(who caller, name string, input any, err error) {
	s.calls.Add(Call{
		Operation: name, Account: who.account, Region: who.region, Forwarded: who.forwarded,
		Time: s.clock.Now(), Input: input, Err: err,
	})
}

func isDryRun(input any) bool {
	flag, ok := reflect.TypeAssert[*bool](reflect.ValueOf(input).Elem().FieldByName("DryRun"))
	return ok && flag != nil && *flag
}

// operation answers one operation from a form.
type operation func(ctx context.Context, s *Server, who caller, form url.Values) (any, error)

func wire[I, O any](name string, do method[I, O]) operation {
	return func(ctx context.Context, s *Server, who caller, form url.Values) (any, error) {
		in := new(I)
		if err := query.Decode(form, in); err != nil {
			err = undecodable(err)
			s.record(who, name, nil, err)
			return nil, err
		}
		return invoke(ctx, s, who, name, in, do)
	}
}

// operations lists all that is emulated.
func operations() map[string]operation {
	return map[string]operation{
		"CreateTags":                wire("CreateTags", createTags),
		"DeleteTags":                wire("DeleteTags", deleteTags),
		"DescribeImageAttribute":    wire("DescribeImageAttribute", describeImageAttribute),
		"DescribeImages":            wire("DescribeImages", describeImages),
		"DescribeSnapshotAttribute": wire("DescribeSnapshotAttribute", describeSnapshotAttribute),
		"DescribeSnapshots":         wire("DescribeSnapshots", describeSnapshots),
		"DescribeTags":              wire("DescribeTags", describeTags),
		"ModifyImageAttribute":      wire("ModifyImageAttribute", modifyImageAttribute),
		"ModifySnapshotAttribute":   wire("ModifySnapshotAttribute", modifySnapshotAttribute),
		"ResetImageAttribute":       wire("ResetImageAttribute", resetImageAttribute),
	}
}
