package hyperpod

import (
	"context"
	"time"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Options configure a [Client] or one handle on a cluster. The zero value works.
type Options struct {
	// Images is asked about every AMI before it is sent. Nil asks nobody.
	Images ImageChecker

	// Preflights are asked about what new groups need outside SageMaker.
	Preflights Preflights

	// OnEvent is called for each event of a workflow; see [Event]. Nil tells nobody.
	OnEvent func(ctx context.Context, e Event)

	// NoWait returns once the service has accepted the operation. The report then
	// says what was started, and nothing is known of how it ends.
	NoWait bool

	// WaitBusy has [Cluster.Update], [Plan.Apply] and [Cluster.RollImage] wait while
	// another operation is in the way, where they otherwise fail with [ErrBusy]: at each
	// poll they look at the cluster, check and send anew. That counts towards the time of
	// Poll, and its end is ErrBusy too. With an update of one's own groups in the way a
	// plan may be [ErrStale] by the time that its turn comes.
	WaitBusy bool

	// Poll sets how workflows wait: how long at most, and how often they look. Its
	// zero value is described at [poll.Options]. Its OnPoll is called as well.
	Poll poll.Options

	// CleanupTimeout is how long a workflow may go on to find out why it failed after
	// its context has ended. Zero means 30 seconds.
	CleanupTimeout time.Duration
}

func (o *Options) setDefaults() {
	if o.CleanupTimeout <= 0 {
		o.CleanupTimeout = 30 * time.Second
	}
}

// Client runs workflows on the clusters of one account and Region. It is safe for
// concurrent use. Make one with [New].
type Client struct {
	api     API
	options Options
}

// New makes a client on an SDK client, or on whatever has its operations. Option
// functions are applied in order.
func New(api API, optFns ...func(*Options)) *Client {
	c := &Client{api: api}
	for _, fn := range optFns {
		fn(&c.options)
	}
	return c
}

// Cluster returns a handle on a cluster by name or ARN. It calls nothing. A cluster
// that is to be created must be named, not given by ARN.
func (c *Client) Cluster(nameOrARN string) *Cluster {
	return &Cluster{api: c.api, options: c.options, name: nameOrARN}
}

// Cluster is a handle on one cluster, which may not exist. It holds no state and is
// safe for concurrent use.
type Cluster struct {
	api     API
	options Options
	name    string
}

// With returns a handle on the same cluster with options changed. The functions get those
// of c, which stay as they are.
func (c *Cluster) With(optFns ...func(*Options)) *Cluster {
	changed := *c
	for _, fn := range optFns {
		fn(&changed.options)
	}
	return &changed
}

// Name returns the name or ARN that the handle was made with.
func (c *Cluster) Name() string { return c.name }
