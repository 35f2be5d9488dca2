package waiter_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestErrorsLogTheirMembers(t *testing.T) {
	one := &waiter.ClusterError{Cluster: "train", Err: poll.ErrGone}
	for want, value := range map[string]slog.LogValuer{
		`{"cluster":"train","error":"does not exist"}`:                          one,
		`{"failed":1,"waited":3,"clusters":{"train":"does not exist"}}`:         &waiter.FleetError{Clusters: []*waiter.ClusterError{one}, Waited: 3},
		`{"group":"workers","wanted":4,"target":2,"current":1,"accepted":true}`: &waiter.TargetResetError{Group: "workers", Wanted: 4, Target: 2, Current: 1, Accepted: true},
		`{"groups":{"workers":"failed: no capacity"}}`:                          &waiter.SoftwareError{Groups: []waiter.GroupSoftware{{Group: "workers", Outcome: waiter.SoftwareFailed, Reason: "no capacity"}}},
	} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("what", "it", value)
		var line struct{ It json.RawMessage }
		require.NoError(t, json.Unmarshal(log.Bytes(), &line))
		assert.JSONEq(t, want, string(line.It))
	}
}
