package amishare_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
)

func TestReportsAndErrorsLogTheirMembers(t *testing.T) {
	found := []hyperpodkit.Finding{{Level: hyperpodkit.Error, Rule: "state", Found: "failed"}}
	for want, value := range map[string]slog.LogValuer{
		`{"image":"ami-1","resource":"snap-1","error":"snapshot not found"}`: &amishare.ImageError{Image: "ami-1", Resource: "snap-1", Err: amishare.ErrSnapshotNotFound},
		`{"findings":["error: failed [state]"]}`:                             &amishare.UnfitError{Findings: found},
		`{"resource":"ami-1","principals":["all"]}`:                          &amishare.SharedStillError{Resource: "ami-1", Principals: []string{"all"}},
		`{"image":"ami-1","tag":"a=b","removed":false,"changed":["ami-1"],"already":null,"verified":true}`: &amishare.TagReport{
			Image: "ami-1", Tag: amishare.Tag{Key: "a", Value: "b"}, Changed: []string{"ami-1"}, Verified: true,
		},
		`{"images":1,"ok":false,"findings":["error: failed [state]"]}`: &amishare.Report{Images: []amishare.ImageReport{{Findings: found}}},
		`{"image":"ami-1","uses":null,"unused":true,"changed":true,"deprecated":"2026-01-02T00:00:00Z"}`: &amishare.RetireReport{
			Image: "ami-1", Unused: true, Changed: true, Deprecated: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
		},
		`{"image":"ami-2","uses":["cluster train"],"unused":false,"changed":false}`: &amishare.RetireReport{Image: "ami-2", Uses: []string{"cluster train"}},
	} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("what", "it", value)
		var line struct{ It json.RawMessage }
		require.NoError(t, json.Unmarshal(log.Bytes(), &line))
		assert.JSONEq(t, want, string(line.It))
	}
}
