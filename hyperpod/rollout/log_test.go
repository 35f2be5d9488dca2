package rollout_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func TestReportsAndErrorsLogTheirMembers(t *testing.T) {
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for want, value := range map[string]slog.LogValuer{
		`{"finding1":"error: none [targets]"}`: &rollout.InvalidError{Findings: []hyperpodkit.Finding{{Level: hyperpodkit.Error, Rule: "targets", Found: "none"}}},
		`{"outcome":"failed","target1":"train (111122223333, us-west-2): no capacity"}`: &rollout.FailedError{
			Outcome: "failed", Targets: []rollout.TargetReport{{Cluster: "train", Account: "111122223333", Region: "us-west-2", Reason: "no capacity"}},
		},
		`{"name":"november","outcome":"under way","targets":3,"done":1,"failed":0,"began":"2026-01-02T00:00:00Z"}`: &rollout.Report{
			Name: "november", Outcome: rollout.OutcomeUnderWay, Began: at, Totals: rollout.Totals{Targets: 3, Done: 1},
		},
	} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("what", "it", value)
		var line struct{ It json.RawMessage }
		require.NoError(t, json.Unmarshal(log.Bytes(), &line))
		assert.JSONEq(t, want, string(line.It))
	}
}
