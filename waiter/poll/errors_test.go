package poll_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestErrorsTellTheirStory(t *testing.T) {
	progress := poll.Progress{Resource: "arn:r", Status: "Updating", Attempts: 12, Waited: 3 * time.Minute}
	for name, tt := range map[string]struct {
		err  error
		want string
		log  string
	}{
		"failed with a detail only": {
			&poll.FailedError{Progress: progress, Err: poll.ErrReplaced},
			`arn:r: failed in status "Updating": replaced by another resource of the same name (12 polls in 3m0s)`,
			`err.outcome=failed`,
		},
		"failed with nothing": {
			&poll.FailedError{Progress: poll.Progress{Resource: "r"}},
			`r: failed with nothing seen yet (0 polls in 0s)`,
			`err.outcome=failed`,
		},
		"timed out": {
			&poll.TimeoutError{Progress: progress, Cause: context.DeadlineExceeded},
			`arn:r: timed out in status "Updating" (12 polls in 3m0s)`,
			`err.outcome="timed out"`,
		},
		"stopped": {
			&poll.StoppedError{Progress: progress, Err: errors.New("denied")},
			`arn:r: wait stopped in status "Updating" (12 polls in 3m0s): denied`,
			`err.outcome=stopped`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.EqualError(t, tt.err, tt.want)
			var buf bytes.Buffer
			slog.New(slog.NewTextHandler(&buf, nil)).Info("wait", "err", tt.err)
			assert.Contains(t, buf.String(), tt.log)
			assert.Contains(t, buf.String(), "err.attempts=")
		})
	}
}

func TestAFailureHoldsNoNilInItsTree(t *testing.T) {
	err := &poll.FailedError{}
	assert.Equal(t, []error{poll.ErrFailed}, err.Unwrap())
}
