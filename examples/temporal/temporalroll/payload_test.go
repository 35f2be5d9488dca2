package temporalroll

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// large is a state of so many targets of 4 groups, with ids as unlike as those of AWS, and
// the most that is told of each.
func large(targets int) rollout.State {
	random := rand.New(rand.NewPCG(1, 2))
	id := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte("abcdefghijklmnopqrstuvwxyz0123456789"[random.IntN(36)])
		}
		return b.String()
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	s := rollout.State{Version: rollout.Version, Name: "golden", Settings: rollout.Settings{
		Strategies: []rollout.Strategy{{Deployment: hyperpod.Deployment{Batch: hyperpod.Percent(25)}}}, OnFailure: rollout.UndoAll, Gate: true,
	}}
	for w := range 5 {
		s.Waves = append(s.Waves, rollout.Wave{Name: fmt.Sprint(w), Bake: time.Hour})
	}
	for i := range targets {
		t := rollout.TargetState{
			Account: account, Region: region, Cluster: "train-" + id(8), ARN: "arn:aws:sagemaker:us-west-2:111122223333:cluster/" + id(12),
			Wave: i * 5 / targets, Phase: rollout.PhaseFailed, Program: rollout.Back, Failed: true,
			Began: at.Add(time.Duration(random.IntN(1e9))), Ended: at.Add(time.Duration(random.IntN(1e9))), Requested: at.Add(time.Duration(random.IntN(1e9))),
			Reason: "the gate refused: node i-" + id(17) + " of group group-1 is SystemInitializing after 10 minutes",
		}
		for g := range 4 {
			group := hyperpod.RollGroup{Name: fmt.Sprintf("group-%d", g), Nodes: 8, Target: 8, Out: 2, CurrentImage: "ami-" + id(17), DesiredImage: "ami-" + id(17)}
			t.Groups = append(t.Groups, rollout.GroupState{
				RollGroup: group, Image: hyperpod.AMI(newAMI), Sent: true, Outcome: "on the image", Undo: &group,
				Detail: fmt.Sprintf("the group runs %s, 8 of 8 instances on %s", newAMI, newAMI),
			})
		}
		s.Timeline = append(s.Timeline, rollout.Moment{Time: t.Ended, Text: t.Cluster + " failed: " + t.Reason})
		s.Targets = append(s.Targets, t)
	}
	return s
}

func size(t *testing.T, value any) int {
	t.Helper()
	payload, err := DataConverter().ToPayload(value)
	require.NoError(t, err)
	return payload.Size()
}

// A part of 500 targets with all that can be told of them, and a fleet of 20,000, fit into
// payloads.
func TestPayloadsAreSmall(t *testing.T) {
	s := large(PartTargets)
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	for name, value := range map[string]any{
		"the input of a part":  PartInput{State: s},
		"a part of the plan":   partInput{State: s},
		"the report of a part": s.Report(),
	} {
		n := size(t, value)
		t.Logf("%s: %d KB, from a state of %d KB of JSON", name, n>>10, len(raw)>>10)
		assert.Less(t, n, MaxPayload, name)
	}
	whole := large(20_000)
	in, states, err := divided(&rollout.Plan{State: whole}, StartOptions{ID: "golden"})
	require.NoError(t, err)
	assert.Len(t, states, 40)
	for i := range in.Parts {
		in.Parts[i].Progress = (&part{in: PartInput{Index: i}, state: states[i]}).progress()
	}
	t.Logf("a fleet of 20,000 targets: %d KB", size(t, in)>>10)
	assert.Less(t, size(t, in), MaxPayload)

	converted, err := DataConverter().ToPayload(s)
	require.NoError(t, err)
	var again rollout.State
	require.NoError(t, DataConverter().FromPayload(converted, &again))
	document, err := json.Marshal(again)
	require.NoError(t, err)
	assert.JSONEq(t, string(raw), string(document))
}

// listening is a codec that sees every payload in the clear.
type listening struct {
	mu   sync.Mutex
	seen []string
}

func (l *listening) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range payloads {
		l.seen = append(l.seen, string(p.GetData()))
	}
	return payloads, nil
}

func (l *listening) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return payloads, nil
}

// Nothing that the clients function knows reaches a payload, and so a history.
func TestHistoriesHoldNoCredentials(t *testing.T) {
	b := newBed(t, 3, account, second)
	plan, env := b.plan(), b.env()
	heard := &listening{}
	env.SetDataConverter(converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), heard))
	_, report := b.fleet(env, plan, StartOptions{})
	assert.Equal(t, rollout.OutcomeSucceeded, report.Outcome)
	require.Greater(t, len(heard.seen), 20)
	for _, payload := range heard.seen {
		require.NotContains(t, payload, secret)
	}
	access, err := b.clients(t.Context(), account, region)
	require.NoError(t, err)
	require.NotNil(t, access.HyperPod)
}

// The recorded histories have no payload that is too large, and all of them can be read.
func TestPayloadsOfRecordedHistories(t *testing.T) {
	files, err := filepath.Glob("testdata/histories/*.json")
	require.NoError(t, err)
	payloads := 0
	for _, file := range files {
		document, err := os.ReadFile(file)
		require.NoError(t, err)
		var history any
		require.NoError(t, json.Unmarshal(document, &history))
		walk(history, func(object map[string]any) {
			if object["data"] == nil || object["metadata"] == nil {
				return
			}
			payloads++
			encoded, err := json.Marshal(object)
			require.NoError(t, err)
			var p commonpb.Payload
			require.NoError(t, protojson.Unmarshal(encoded, &p))
			assert.Less(t, p.Size(), MaxPayload)
			decoded, err := Codec().Decode([]*commonpb.Payload{&p})
			require.NoError(t, err)
			assert.True(t, json.Valid(decoded[0].GetData()), "%s", decoded[0].GetData())
		})
	}
	assert.Greater(t, payloads, 50)
}

func walk(value any, see func(map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		see(v)
		for _, member := range v {
			walk(member, see)
		}
	case []any:
		for _, element := range v {
			walk(element, see)
		}
	}
}
