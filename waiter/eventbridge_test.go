package waiter_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

var eventTime = time.Date(2025, time.June, 1, 16, 20, 25, 350e6, time.UTC)

func event(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "events", name+".json"))
	require.NoError(t, err)
	return data
}

func TestDecodeEvent(t *testing.T) {
	tests := []struct {
		name string
		want waiter.BusEvent
	}{
		{"state-change", waiter.BusEvent{
			ID: "3f6c1c7e-0001-4f0e-9f7e-000000000001", DetailType: waiter.DetailStateChange,
			StateChange: &waiter.StateChange{
				Status: inService, Created: eventTime,
				Groups: []waiter.Group{{Name: "workers", Status: gUpdating, Current: 1, Target: 2}},
			},
		}},
		{"node-health", waiter.BusEvent{
			ID: "3f6c1c7e-0002-4f0e-9f7e-000000000002", DetailType: waiter.DetailNodeHealth,
			NodeHealth: &waiter.NodeHealth{
				Instance: "i-0123456789abcdef0", Status: "Unhealthy", Reason: "a GPU has fallen off the bus",
				RepairAction: "Replace", Recommendation: "wait for the replacement",
			},
		}},
		{"cluster-event", waiter.BusEvent{
			ID: "3f6c1c7e-0003-4f0e-9f7e-000000000003", DetailType: waiter.DetailClusterEvent,
			ClusterEvent: &waiter.ClusterEvent{
				EventID: "83ea0bb5-0003-45e8-a458-000000000003", Time: eventTime, ResourceType: "Instance", Level: "Error",
				Description: "Instance creation in Cluster train and InstanceGroup workers failed",
				Group:       "workers", Instance: "i-0123456789abcdef0",
				FailureMessage: "the script exited with 1", Kind: "Instance",
				Metadata: json.RawMessage(`{"LcsExecutionState": "Failed", "FailureMessage": "the script exited with 1"}`),
			},
		}},
		{"cluster-event-bare", waiter.BusEvent{
			ID: "3f6c1c7e-0004-4f0e-9f7e-000000000004", DetailType: waiter.DetailClusterEvent,
			ClusterEvent: &waiter.ClusterEvent{
				EventID: "83ea0bb5-0004-45e8-a458-000000000004", Time: eventTime, ResourceType: "Cluster",
				Description: "Cluster train Update completed successfully",
			},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Account, tt.want.Region, tt.want.ClusterName, tt.want.ClusterARN = "111122223333", "us-west-2", "train", arn
			tt.want.Time = time.Date(2026, time.June, 1, 17, 20, 25, 0, time.UTC)
			e, err := waiter.DecodeEvent(event(t, tt.name))
			require.NoError(t, err)
			assert.Equal(t, &tt.want, e)
		})
	}
}

func TestDecodeEventOfOthers(t *testing.T) {
	for name, data := range map[string]string{
		"another source":      `{"source": "aws.ec2", "detail-type": "SageMaker HyperPod Cluster Event", "detail": {}}`,
		"another detail type": `{"source": "aws.sagemaker", "detail-type": "SageMaker Endpoint State Change", "detail": {}}`,
		"an empty object":     `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := waiter.DecodeEvent([]byte(data))
			require.ErrorIs(t, err, waiter.ErrNotHyperPod)
		})
	}
	for name, data := range map[string]string{
		"no JSON":   `Created`,
		"no detail": `{"source": "aws.sagemaker", "detail-type": "SageMaker HyperPod Cluster Event"}`,
		"a list":    `{"source": "aws.sagemaker", "detail-type": "SageMaker HyperPod Cluster State Change", "detail": []}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := waiter.DecodeEvent([]byte(data))
			require.Error(t, err)
			require.NotErrorIs(t, err, waiter.ErrNotHyperPod)
		})
	}
}

func TestATimeInAnotherFormLosesNoEvent(t *testing.T) {
	for _, at := range []string{`null`, `"yesterday"`, `{}`, `[1]`, `1e300`, `"NaN"`, `0`, `true`} {
		e, err := waiter.DecodeEvent([]byte(`{"source": "aws.sagemaker", "detail-type": "SageMaker HyperPod Cluster Event",
			"detail": {"EventDetails": {"ClusterName": "train", "EventTime": ` + at + `}}}`))
		require.NoError(t, err, at)
		assert.True(t, e.ClusterEvent.Time.IsZero(), at)
		assert.Equal(t, "train", e.ClusterName)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for _, name := range []string{"state-change", "node-health", "cluster-event", "cluster-event-bare"} {
		f.Add(event(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := waiter.DecodeEvent(data)
		if err != nil {
			assert.Nil(t, e)
			return
		}
		details := 0
		for _, set := range []bool{e.StateChange != nil, e.NodeHealth != nil, e.ClusterEvent != nil} {
			if set {
				details++
			}
		}
		assert.Equal(t, 1, details)
		if c := e.ClusterEvent; c != nil {
			assert.Equal(t, c.Kind == "" && c.Metadata == nil, c.Metadata == nil)
		}
		var w waiter.Waker
		w.Wake(e)
	})
}

func TestWakerWakesTheWaitsForItsCluster(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var w waiter.Waker
		f := newFake(at(0, cluster(creating)), at(7*time.Minute, cluster(inService)))
		wake, stop := w.For("train")
		otherWake, stopOther := w.For("other")
		byARN, stopARN := w.For(arn)
		e, err := waiter.DecodeEvent(event(t, "state-change"))
		require.NoError(t, err)
		time.AfterFunc(7*time.Minute, func() {
			for range 100 {
				assert.Equal(t, 2, w.Wake(e), "it does not block")
			}
		})
		_, err = waiter.ClusterInService(t.Context(), f, "train", func(o *waiter.Options) {
			o.Poll.Interval, o.Poll.Wake = time.Hour, wake
		})
		require.NoError(t, err)
		assert.Equal(t, 7*time.Minute, time.Since(f.born))
		synctest.Wait()
		assert.Len(t, byARN, 1)
		assert.Empty(t, otherWake)
		stop()
		stopOther()
		stopARN()
		assert.Zero(t, w.Wake(e))
	})
}
