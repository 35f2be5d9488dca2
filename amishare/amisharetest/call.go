package amisharetest

import (
	"context"
	"net/url"
	"reflect"
	"time"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest/internal/query"
	"github.com/hyperpodkit/hyperpodkit/internal/deep"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// Call is one call the server was asked, whether it was answered or refused.
type Call struct {
	// Operation is the API operation, such as "ModifyImageAttribute".
	Operation string
	// Principal is the ARN of who called, Account the account that the call acted
	// for, and Region where.
	Principal, Account, Region string
	// Forwarded reports that an emulated service made the call with the principal's
	// rights, through one of the methods of hyperpodtest's Images interface.
	Forwarded bool
	// Time is the emulated time at which the call came.
	Time time.Time
	// Input is a copy of the SDK's input, such as *ec2.ModifyImageAttributeInput.
	// It is nil when the request could not be decoded, or nobody has its access key.
	Input any
	// Err is what the caller got for an error, nil when the call was answered. For a
	// call that no policy allows its text says which statement came nearest.
	Err error
}

// Calls returns the calls so far, in the order in which they ended.
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
	now    time.Time
}

// method answers one operation. It authorises the call, checks it and changes nothing
// itself: what it would change is in commit, which is nil for an operation that reads.
// So a dry run is the same without the commit.
type method[I, O any] func(r *request, in *I) (out *O, commit func(), err error)

// invoke is the one way through the state machine, for both doors.
func invoke[I, O any](ctx context.Context, s *Server, who caller, name string, in *I, do method[I, O]) (*O, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(I)
	}
	// What the state takes from the one is not what the record keeps in the other.
	input, record := deep.Copy(in), deep.Copy(in)
	came := s.clock.Now()
	out, err := emul.Around(ctx, &s.faults.engine, name, input, func(ignore bool) (*O, error) {
		return answer(s, who, input, do, ignore)
	})
	s.record(who, name, came, record, err)
	return out, err
}

// answer runs an operation with the lock held.
func answer[I, O any](s *Server, who caller, in *I, do method[I, O], ignore bool) (*O, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	s.completeCopies(now)
	out, commit, err := do(&request{caller: who, server: s, now: now}, in)
	switch {
	case err != nil:
		return nil, err
	case isDryRun(in):
		return nil, refuse("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	case commit != nil && !ignore:
		commit()
	}
	return out, nil
}

func (s *Server) record(who caller, name string, came time.Time, input any, err error) {
	s.calls.Add(Call{
		Operation: name, Principal: who.Principal.ARN, Account: who.account, Region: who.region, Forwarded: who.Via != "",
		Time: came, Input: input, Err: err,
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
			s.record(who, name, s.clock.Now(), nil, err)
			return nil, err
		}
		return invoke(ctx, s, who, name, in, do)
	}
}

// operations lists all that is emulated.
func operations() map[string]operation {
	return map[string]operation{
		"CopyImage":                         wire("CopyImage", copyImage),
		"CreateTags":                        wire("CreateTags", createTags),
		"DeleteTags":                        wire("DeleteTags", deleteTags),
		"DescribeImageAttribute":            wire("DescribeImageAttribute", describeImageAttribute),
		"DescribeImages":                    wire("DescribeImages", describeImages),
		"DescribeSnapshotAttribute":         wire("DescribeSnapshotAttribute", describeSnapshotAttribute),
		"DescribeSnapshots":                 wire("DescribeSnapshots", describeSnapshots),
		"DescribeTags":                      wire("DescribeTags", describeTags),
		"DisableEbsEncryptionByDefault":     wire("DisableEbsEncryptionByDefault", disableEbsEncryptionByDefault),
		"DisableImageBlockPublicAccess":     wire("DisableImageBlockPublicAccess", disableImageBlockPublicAccess),
		"DisableImageDeprecation":           wire("DisableImageDeprecation", disableImageDeprecation),
		"DisableSnapshotBlockPublicAccess":  wire("DisableSnapshotBlockPublicAccess", disableSnapshotBlockPublicAccess),
		"EnableEbsEncryptionByDefault":      wire("EnableEbsEncryptionByDefault", enableEbsEncryptionByDefault),
		"EnableImageBlockPublicAccess":      wire("EnableImageBlockPublicAccess", enableImageBlockPublicAccess),
		"EnableImageDeprecation":            wire("EnableImageDeprecation", enableImageDeprecation),
		"EnableSnapshotBlockPublicAccess":   wire("EnableSnapshotBlockPublicAccess", enableSnapshotBlockPublicAccess),
		"GetEbsDefaultKmsKeyId":             wire("GetEbsDefaultKmsKeyId", getEbsDefaultKmsKeyId),
		"GetEbsEncryptionByDefault":         wire("GetEbsEncryptionByDefault", getEbsEncryptionByDefault),
		"GetImageBlockPublicAccessState":    wire("GetImageBlockPublicAccessState", getImageBlockPublicAccessState),
		"GetSnapshotBlockPublicAccessState": wire("GetSnapshotBlockPublicAccessState", getSnapshotBlockPublicAccessState),
		"ModifyEbsDefaultKmsKeyId":          wire("ModifyEbsDefaultKmsKeyId", modifyEbsDefaultKmsKeyId),
		"ModifyImageAttribute":              wire("ModifyImageAttribute", modifyImageAttribute),
		"ModifySnapshotAttribute":           wire("ModifySnapshotAttribute", modifySnapshotAttribute),
		"ResetEbsDefaultKmsKeyId":           wire("ResetEbsDefaultKmsKeyId", resetEbsDefaultKmsKeyId),
		"ResetImageAttribute":               wire("ResetImageAttribute", resetImageAttribute),
		"ResetSnapshotAttribute":            wire("ResetSnapshotAttribute", resetSnapshotAttribute),
	}
}
