// Package events ends the pauses of waits as soon as EventBridge tells of their cluster,
// by way of an SQS queue. Waits go on polling all the same, so that an event that is lost,
// late or doubled changes nothing but how soon they look.
//
// Create a queue, a rule on the default event bus with [Pattern], and the queue as its
// target; the queue's policy must let events.amazonaws.com send to it. Then:
//
//	fleet := waiter.NewFleet()
//	fleet.Add(sagemaker.NewFromConfig(cfg), names...)
//	receiver := events.Receiver{Queue: sqs.NewFromConfig(cfg), URL: queueURL, Deliver: events.ToFleet(fleet)}
//	go receiver.Run(ctx)
//	err := fleet.InService(ctx)
//
// With events, a poll interval of some minutes is enough. A queue hands each message to one
// receiver only: every program that waits needs a queue of its own.
package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// Pattern is the event pattern of a rule for all events of HyperPod.
const Pattern = `{
  "source": ["aws.sagemaker"],
  "detail-type": [
    "SageMaker HyperPod Cluster State Change",
    "SageMaker HyperPod Cluster Node Health Event",
    "SageMaker HyperPod Cluster Event"
  ]
}`

// Queue is what a [Receiver] calls. *sqs.Client satisfies it.
type Queue interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// Receiver receives the events of HyperPod from a queue.
type Receiver struct {
	Queue Queue
	URL   string
	// Deliver is told of each event, and must not block.
	Deliver func(*waiter.BusEvent)
}

// ToFleet delivers events to a fleet.
func ToFleet(f *waiter.Fleet) func(*waiter.BusEvent) {
	return func(e *waiter.BusEvent) {
		f.Wake(e.ClusterARN)
		f.Wake(e.ClusterName)
	}
}

// ToWaker delivers events to single waits.
func ToWaker(w *waiter.Waker) func(*waiter.BusEvent) {
	return func(e *waiter.BusEvent) { w.Wake(e) }
}

// What SQS allows at most (ReceiveMessage, in the SQS API reference).
const (
	longestPollSeconds = 20
	mostMessages       = 10
)

// Run receives events until ctx ends, which is no error, or the queue refuses. Messages are
// deleted once they are delivered, and so are those that are no events of HyperPod. One
// that is broken is left to the queue's dead-letter policy.
func (r Receiver) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := r.receive(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("queue %s: %w", r.URL, err)
		}
	}
	return nil
}

func (r Receiver) receive(ctx context.Context) error {
	out, err := r.Queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &r.URL, WaitTimeSeconds: longestPollSeconds, MaxNumberOfMessages: mostMessages,
	})
	if err != nil {
		return err
	}
	var handled []types.DeleteMessageBatchRequestEntry
	for i, m := range out.Messages {
		e, err := waiter.DecodeEvent([]byte(aws.ToString(m.Body)))
		switch {
		case err == nil:
			r.Deliver(e)
		case !errors.Is(err, waiter.ErrNotHyperPod):
			continue
		}
		handled = append(handled, types.DeleteMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle,
		})
	}
	if len(handled) == 0 {
		return nil
	}
	// An entry that fails comes again, and wakes a wait once too often.
	_, err = r.Queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &r.URL, Entries: handled})
	return err
}
