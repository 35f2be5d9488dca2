package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/examples/events"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

var _ events.Queue = (*sqs.Client)(nil)

// queue stands in for SQS: a receive waits for a message, and a message stays until it is
// deleted.
type queue struct {
	mu       sync.Mutex
	messages map[string]string // by receipt handle
	taken    map[string]bool
	arrived  chan struct{}
	refuses  error
	count    int
}

func newQueue() *queue {
	return &queue{messages: map[string]string{}, taken: map[string]bool{}, arrived: make(chan struct{}, 1)}
}

func (q *queue) send(body string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count++
	q.messages[strconv.Itoa(q.count)] = body
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

func (q *queue) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if q.refuses != nil {
		return nil, q.refuses
	}
	select {
	case <-q.arrived:
	case <-time.After(time.Duration(in.WaitTimeSeconds) * time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	out := &sqs.ReceiveMessageOutput{}
	for handle, body := range q.messages {
		if !q.taken[handle] && len(out.Messages) < int(in.MaxNumberOfMessages) {
			q.taken[handle] = true
			out.Messages = append(out.Messages, sqstypes.Message{ReceiptHandle: aws.String(handle), Body: aws.String(body)})
		}
	}
	return out, nil
}

func (q *queue) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range in.Entries {
		delete(q.messages, *e.ReceiptHandle)
	}
	return &sqs.DeleteMessageBatchOutput{}, nil
}

func (q *queue) left() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages)
}

// stateChange is what EventBridge puts into a queue.
func stateChange(t *testing.T, name, status string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"version": "0", "id": "3f6c1c7e-0001-4f0e-9f7e-000000000001",
		"detail-type": "SageMaker HyperPod Cluster State Change", "source": "aws.sagemaker",
		"account": "111122223333", "region": "us-west-2", "time": "2026-06-01T17:20:25Z",
		"detail": map[string]any{"ClusterName": name, "ClusterStatus": status},
	})
	require.NoError(t, err)
	return string(body)
}

func create(t *testing.T, srv *hyperpodtest.Server, name string) {
	t.Helper()
	_, err := srv.CreateCluster(t.Context(), &sagemaker.CreateClusterInput{
		ClusterName: &name,
		InstanceGroups: []types.ClusterInstanceGroupSpecification{{
			InstanceGroupName: aws.String("workers"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlC52xlarge,
			ExecutionRole:   aws.String("arn:aws:iam::111122223333:role/execution"),
			LifeCycleConfig: &types.ClusterLifeCycleConfig{SourceS3Uri: aws.String("s3://bucket"), OnCreate: aws.String("on_create.sh")},
		}},
	})
	require.NoError(t, err)
}

func hourly(o *waiter.Options) { o.Poll.Interval, o.Poll.Jitter = time.Hour, -1 }

// A wait that polls once an hour sees its cluster in the second in which an event tells of
// it.
func TestWaitsAreWokenByEvents(t *testing.T) {
	waits := map[string]func(context.Context, *sagemaker.Client, *queue) error{
		"a single wait": func(ctx context.Context, client *sagemaker.Client, q *queue) error {
			var waker waiter.Waker
			wake, stop := waker.For("train")
			defer stop()
			go events.Receiver{Queue: q, URL: "https://sqs", Deliver: events.ToWaker(&waker)}.Run(ctx) //nolint:errcheck // it ends with ctx
			_, err := waiter.ClusterInService(ctx, client, "train", hourly, func(o *waiter.Options) { o.Poll.Wake = wake })
			return err
		},
		"a fleet": func(ctx context.Context, client *sagemaker.Client, q *queue) error {
			fleet := waiter.NewFleet(hourly)
			fleet.Add(client, "train")
			go events.Receiver{Queue: q, URL: "https://sqs", Deliver: events.ToFleet(fleet)}.Run(ctx) //nolint:errcheck // it ends with ctx
			return fleet.InService(ctx)
		},
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
				create(t, srv, "train")
				q := newQueue()
				time.AfterFunc(5*time.Minute, func() { q.send(stateChange(t, "somebody-else", "InService")) })
				time.AfterFunc(20*time.Minute, func() { q.send(stateChange(t, "train", "InService")) })
				ctx, cancel := context.WithCancel(t.Context())
				began := time.Now()
				require.NoError(t, wait(ctx, srv.Client(), q))
				assert.Equal(t, 20*time.Minute, time.Since(began))
				cancel()
				synctest.Wait()
				assert.Zero(t, q.left())
			})
		})
	}
}

func TestWhatIsNoEventOfHyperPod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		q.send(`{"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": {}}`)
		q.send(`broken`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		deliver := func(*waiter.BusEvent) { t.Error("delivered") }
		require.NoError(t, events.Receiver{Queue: q, URL: "https://sqs", Deliver: deliver}.Run(ctx))
		assert.Equal(t, 1, q.left(), "the broken one is for the dead-letter queue")
	})
}

func TestAQueueThatRefuses(t *testing.T) {
	q := newQueue()
	q.refuses = errors.New("access denied")
	err := events.Receiver{Queue: q, URL: "https://sqs"}.Run(t.Context())
	require.ErrorIs(t, err, q.refuses)
	require.ErrorContains(t, err, "queue https://sqs")
}

func TestPatternIsJSON(t *testing.T) {
	assert.True(t, json.Valid([]byte(events.Pattern)))
}
