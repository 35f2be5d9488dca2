package amisharetest

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// Defaults of [Options].
const (
	DefaultRegion  = "us-west-2"
	DefaultAccount = "111122223333"
)

// Options are those of a [Server].
type Options struct {
	// Region is where typed calls and unsigned requests act. Empty means
	// [DefaultRegion].
	Region string
	// Account is as whose root typed calls and unsigned requests act. Empty means
	// [DefaultAccount]. See [Server.As] for others.
	Account string
	// Speed makes emulated time run so many times faster than real time. Zero or
	// less means 1.
	Speed float64
	// MaxCalls is how many of the newest calls [Server.Calls] keeps. Zero or less
	// means all.
	MaxCalls int
	// BlockPublicAccess is the state in which every account and Region starts: with
	// it, EC2's block public access for AMIs and for snapshots refuses to make more of
	// them public. The operations of that name change it.
	BlockPublicAccess bool
	// CopyTime is how long a copy of an AMI stays pending, in emulated time. Zero
	// means that it is available by the next call.
	CopyTime time.Duration
	// SnapshotPermissionLag is how long DescribeSnapshotAttribute goes on showing the
	// permissions from before a change, in emulated time. Zero means not at all.
	SnapshotPermissionLag time.Duration
}

// Server is an EC2 in memory, for the images and snapshots of any number of
// accounts and Regions, as one principal sees it. Its methods may be called from
// many goroutines. Make one with [NewServer]; it needs no closing.
type Server struct {
	*core
	acting emul.Caller
}

// core is what all that [Server.As] returns have in common.
type core struct {
	opts       Options
	clock      emul.Clock
	operations map[string]operation
	calls      *emul.Log[Call]
	principals emul.Principals
	faults     Faults

	mu       sync.Mutex
	regions  map[string]*region
	settings map[emul.Identity]*settings
	tokens   map[copyToken]copied
	pending  []*pendingCopy
	made     int
	requests int
}

// NewServer starts an emulator that holds HyperPod's public AMIs and nothing
// else. Inside a testing/synctest bubble it must be made in the bubble.
func NewServer(optFns ...func(*Options)) *Server {
	opts := Options{Region: DefaultRegion, Account: DefaultAccount}
	for _, fn := range optFns {
		fn(&opts)
	}
	if opts.Region == "" {
		opts.Region = DefaultRegion
	}
	if opts.Account == "" {
		opts.Account = DefaultAccount
	}
	s := &Server{
		core: &core{
			opts:       opts,
			clock:      emul.NewClock(opts.Speed),
			operations: operations(),
			calls:      emul.NewLog[Call](opts.MaxCalls),
			regions:    map[string]*region{},
			settings:   map[emul.Identity]*settings{},
			tokens:     map[copyToken]copied{},
		},
		acting: emul.Caller{Principal: emul.Root(opts.Account, opts.Region), Region: opts.Region},
	}
	s.faults.engine.Clock = s.clock
	return s
}

// Client returns a real EC2 client whose requests are answered by the server, in
// the same process and without a socket. It is anonymous, in the server's Region
// and makes one attempt a call; optFns change that. See [Server.As] for a client of
// another principal or account.
func (s *Server) Client(optFns ...func(*ec2.Options)) *ec2.Client {
	return ec2.New(ec2.Options{
		Region:           s.opts.Region,
		Credentials:      aws.AnonymousCredentials{},
		HTTPClient:       emul.Transport{Handler: s},
		RetryMaxAttempts: 1,
	}, optFns...)
}

// caller is on whose behalf a call acts, and where.
type caller struct {
	emul.Caller
	account, region string
}

func act(c emul.Caller) caller {
	id := c.Identity()
	return caller{Caller: c, account: id.Account, region: id.Region}
}

// self is who makes typed calls.
func (s *Server) self() caller { return act(s.acting) }

// identify tells who sent a request. An error refuses its credentials.
func (s *Server) identify(r *http.Request) (caller, error) {
	c, err := s.principals.Caller(r, s.acting)
	if err != nil {
		err = &unknownCallerError{err}
	}
	return act(c), err
}
