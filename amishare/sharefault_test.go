package amishare_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func accountNumber(n int) string { return fmt.Sprintf("%012d", 200000000000+n) }

// fault is what happens at one call.
type fault struct {
	name string
	// strike is run before the call; an error is the call's answer.
	strike func(f *amisharetest.Faults, cancel func()) error
	// lasting strikes at every later call as well.
	lasting bool
	// after is run after the call.
	after func(cancel func())
	// typed calls without a client, which would take the answer for lost.
	typed bool
}

func faults() []fault {
	denied := &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "no"}
	throttled := &smithy.GenericAPIError{Code: "RequestLimitExceeded", Message: "slow down"}
	cancels := func(_ *amisharetest.Faults, cancel func()) error { cancel(); return nil }
	fails := func(err error) func(*amisharetest.Faults, func()) error {
		return func(*amisharetest.Faults, func()) error { return err }
	}
	loses := func(f *amisharetest.Faults, _ func()) error { f.LoseResponse("", 1); return nil }
	return []fault{
		{name: "is refused", strike: fails(denied)},
		{name: "is throttled", strike: fails(throttled)},
		{name: "does not arrive", strike: fails(io.ErrUnexpectedEOF)},
		{name: "loses its response", strike: loses},
		{name: "answers and changes nothing", strike: func(f *amisharetest.Faults, _ func()) error { f.Ignore("", 1); return nil }},
		{name: "sees the context end before it", strike: cancels},
		{name: "sees the context end after it", after: func(cancel func()) { cancel() }},
		{name: "sees the context end after it and is answered", after: func(cancel func()) { cancel() }, typed: true},
		{name: "and all later ones are refused", strike: fails(denied), lasting: true},
		{name: "and all later ones are throttled", strike: fails(throttled), lasting: true},
		{name: "and all later ones do not arrive", strike: fails(io.ErrUnexpectedEOF), lasting: true},
		{name: "and all later ones lose their responses", strike: loses, lasting: true},
		{name: "and all later ones change nothing", strike: func(f *amisharetest.Faults, _ func()) error { f.Ignore("", 1); return nil }, lasting: true},
	}
}

// strikeAt arms a fault for the call number at, counted from one, and returns how many
// calls there have been.
func strikeAt(srv *amisharetest.Server, f fault, at int, cancel func()) *int {
	calls := new(int)
	srv.Faults().Before(func(context.Context, string, any) error {
		*calls++
		if f.strike == nil || *calls < at || *calls > at && !f.lasting {
			return nil
		}
		return f.strike(srv.Faults(), cancel)
	})
	srv.Faults().After(func(context.Context, string, any, error) {
		if f.after != nil && *calls == at {
			f.after(cancel)
		}
	})
	return calls
}

type sharing struct {
	name string
	// granted are those whom AMI and snapshot are shared with before.
	granted []string
	do      func(context.Context, *amishare.Sharer, string) (*amishare.ShareReport, error)
	// snapshot and image are those afterwards.
	snapshot, image []string
}

func sharings() []sharing {
	return []sharing{
		{
			"share",
			[]string{stray},
			func(ctx context.Context, s *amishare.Sharer, id string) (*amishare.ShareReport, error) {
				return s.Share(ctx, id, amishare.Accounts(theirs, others), amishare.Organizations(org))
			},
			[]string{stray, theirs, others},
			[]string{stray, theirs, others, org},
		},
		{
			"revoke",
			[]string{stray, theirs, others},
			func(ctx context.Context, s *amishare.Sharer, id string) (*amishare.ShareReport, error) {
				return s.Revoke(ctx, id, amishare.Accounts(theirs, others))
			},
			[]string{stray},
			[]string{stray},
		},
		{
			"reconcile",
			[]string{stray, theirs},
			func(ctx context.Context, s *amishare.Sharer, id string) (*amishare.ShareReport, error) {
				return s.Reconcile(ctx, id, amishare.Grants{Wanted: amishare.Accounts(others), Prune: amishare.Accounts(theirs)})
			},
			[]string{stray, others},
			[]string{stray, others},
		},
		{
			"share in chunks", nil,
			func(ctx context.Context, s *amishare.Sharer, id string) (*amishare.ShareReport, error) {
				return s.Share(ctx, id, numbered(0, 501))
			},
			principalIDs(numbered(0, 501)), principalIDs(numbered(0, 501)),
		},
	}
}

func principalIDs(of amishare.Principals) []string {
	list := []string{}
	for _, p := range of {
		list = append(list, p.ID)
	}
	return list
}

// Every call of every job meets every fault, alone and for good, and also while
// permissions of snapshots show late.
func TestGrantsAreAsBeforeOrAsWanted(t *testing.T) {
	t.Parallel()
	for _, job := range sharings() {
		calls := 0
		synctest.Test(t, func(t *testing.T) {
			srv := amisharetest.NewServer()
			id := addGolden(srv, job.granted...)
			report, err := job.do(t.Context(), amishare.NewSharer(srv.Client()), id)
			require.NoError(t, err)
			require.Equal(t, amishare.SharedAsWanted, report.Outcome)
			calls = len(srv.Calls())
			wanted(t, job, permissionsOf(t, srv, id), id)
		})
		require.GreaterOrEqual(t, calls, 8)
		for _, f := range faults() {
			for at := 1; at <= calls; at++ {
				t.Run(fmt.Sprintf("%s/call %d %s", job.name, at, f.name), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { meet(t, job, f, at, 0) })
					if !f.lasting && job.granted != nil {
						synctest.Test(t, func(t *testing.T) { meet(t, job, f, at, 9*time.Second) })
					}
				})
			}
		}
	}
}

// seldom makes a job of many principals look less often, which saves most of its time:
// each look reads them all.
func seldom(job sharing) func(*amishare.SharerOptions) {
	return func(o *amishare.SharerOptions) {
		if len(job.image) > 500 {
			o.Verify.Interval = 20 * time.Second
		}
	}
}

func wanted(t *testing.T, job sharing, now permissions, image string) {
	t.Helper()
	for id, got := range now {
		if id == image {
			assert.ElementsMatch(t, job.image, got)
		} else {
			assert.ElementsMatch(t, job.snapshot, got)
		}
	}
}

func meet(t *testing.T, job sharing, f fault, at int, lag time.Duration) {
	srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.SnapshotPermissionLag = lag })
	id := addGolden(srv, job.granted...)
	before := permissionsOf(t, srv, id)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	strikeAt(srv, f, at, cancel)

	api := amishare.SharerAPI(srv.Client())
	if f.typed {
		api = srv
	}
	report, err := job.do(ctx, amishare.NewSharer(api, seldom(job)), id)
	time.Sleep(2 * lag)
	now := permissionsOf(t, srv, id)
	require.NotNil(t, report)
	require.NotEmpty(t, report.String())
	switch {
	case err == nil:
		assert.Equal(t, amishare.SharedAsWanted, report.Outcome)
		wanted(t, job, now, id)
	case errors.Is(err, amishare.ErrNotUndone):
		assert.True(t, f.lasting, "one fault alone can be undone: %v", err)
		assert.Equal(t, amishare.SharedBetween, report.Outcome)
	default:
		assert.Contains(t, []amishare.ShareOutcome{amishare.SharedNothing, amishare.SharedAsBefore}, report.Outcome)
		assert.Equal(t, sortedPermissions(before), sortedPermissions(now))
	}
	if err != nil {
		assert.Contains(t, err.Error(), id)
	}
	if err != nil && ctx.Err() != nil {
		require.ErrorIs(t, err, context.Canceled)
	}
	for _, c := range report.Changes {
		isTrue(t, c, now[c.Resource])
	}
}

// isTrue holds what a report says of a change against what there is.
func isTrue(t *testing.T, c amishare.GrantChange, now []string) {
	t.Helper()
	there := 0
	for _, p := range append(principalIDs(c.Add), principalIDs(c.Remove)...) {
		for _, id := range now {
			if id == p {
				there++
			}
		}
	}
	added, removed := len(c.Add), len(c.Remove)
	switch c.State {
	case amishare.ChangeMade:
		assert.Equal(t, added, there)
	case amishare.ChangeNotMade, amishare.ChangeUndone:
		assert.Equal(t, removed, there)
	case amishare.ChangeRemains:
		assert.NotEqual(t, removed, there)
	case amishare.ChangeUnknown:
	}
}

func sortedPermissions(p permissions) map[string]map[string]bool {
	sets := map[string]map[string]bool{}
	for id, list := range p {
		sets[id] = map[string]bool{}
		for _, who := range list {
			sets[id][who] = true
		}
	}
	return sets
}

// The retry of a call that was done and lost its answer can be throttled: the last word
// is a refusal then, and the change is there.
func TestALostAnswerBeforeAThrottledRetryIsUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		id := addGolden(srv)
		attempts := 0
		srv.Faults().Before(func(_ context.Context, op string, _ any) error {
			if op != "ModifyImageAttribute" {
				return nil
			}
			switch attempts++; attempts {
			case 1:
				srv.Faults().LoseResponse(op, 1)
				return nil
			case 2:
				return &smithy.GenericAPIError{Code: "RequestLimitExceeded", Message: "slow down"}
			default:
				return nil
			}
		})
		client := srv.Client(func(o *ec2.Options) { o.RetryMaxAttempts = 2 })
		report, err := amishare.NewSharer(client).Share(t.Context(), id, amishare.Accounts(theirs))
		require.Error(t, err)
		assert.Equal(t, amishare.SharedAsBefore, report.Outcome)
		assert.Equal(t, 3, attempts)
		for _, list := range permissionsOf(t, srv, id) {
			assert.Empty(t, list)
		}
	})
}

func TestUndoHasATimeBudgetOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := amisharetest.NewServer()
		id := addGolden(srv)
		srv.Faults().After(func(_ context.Context, op string, _ any, _ error) {
			if op == "ModifySnapshotAttribute" {
				srv.Faults().Fail("", -1, io.ErrUnexpectedEOF)
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		sharer := amishare.NewSharer(srv.Client(), func(o *amishare.SharerOptions) { o.CleanupTimeout = 10 * time.Minute })
		report, err := sharer.Share(ctx, id, amishare.Accounts(theirs))
		require.ErrorIs(t, err, amishare.ErrNotUndone)
		assert.InDelta(t, 10*time.Minute, time.Since(began), float64(5*time.Second))
		assert.Equal(t, amishare.SharedBetween, report.Outcome)
		assert.Equal(t, amishare.ChangeUnknown, report.Changes[0].State, "nobody could look")
	})
}
