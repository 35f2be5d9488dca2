package amisharetest

import (
	"context"
	"net/http"
	"sync"

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
	// Account is on whose behalf typed calls and unsigned requests act. Empty
	// means [DefaultAccount].
	Account string
	// Speed makes emulated time run so many times faster than real time. Zero or
	// less means 1.
	Speed float64
	// MaxCalls is how many of the newest calls [Server.Calls] keeps. Zero or less
	// means all.
	MaxCalls int
	// BlockPublicAccess refuses to make images and snapshots public, in every
	// account and Region, as EC2's block public access for AMIs and for snapshots
	// does. The zero value allows it.
	BlockPublicAccess bool
}

// Server is an EC2 in memory, for the images and snapshots of any number of
// accounts and Regions. Its methods may be called from many goroutines. Make one
// with [NewServer]; it needs no closing.
type Server struct {
	opts       Options
	clock      emul.Clock
	operations map[string]operation
	calls      *emul.Log[Call]

	mu       sync.Mutex
	regions  map[string]*region
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
	return &Server{
		opts:       opts,
		clock:      emul.NewClock(opts.Speed),
		operations: operations(),
		calls:      emul.NewLog[Call](opts.MaxCalls),
		regions:    map[string]*region{},
	}
}

// Client returns a real EC2 client whose requests are answered by the server, in
// the same process and without a socket. It is anonymous, in the server's Region
// and makes one attempt a call; optFns change that. See [As] for another account.
func (s *Server) Client(optFns ...func(*ec2.Options)) *ec2.Client {
	return ec2.New(ec2.Options{
		Region:           s.opts.Region,
		Credentials:      aws.AnonymousCredentials{},
		HTTPClient:       emul.Transport{Handler: s},
		RetryMaxAttempts: 1,
	}, optFns...)
}

// As is an option of [Server.Client] that makes it act as an account: its access
// key is the account's id, which is where the server reads it from.
func As(account string) func(*ec2.Options) {
	return func(o *ec2.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "emulated", Source: "amisharetest"}, nil
		})
	}
}

// caller is on whose behalf a call acts, and where.
type caller struct {
	account string
	region  string
	// forwarded marks a call that an emulated service makes with the rights of
	// the account.
	forwarded bool
}

func (s *Server) root() caller {
	return caller{account: s.opts.Account, region: s.opts.Region}
}

// identify tells who sent a request.
func (s *Server) identify(r *http.Request) caller {
	id := emul.Identify(r, emul.Identity{Account: s.opts.Account, Region: s.opts.Region})
	return caller{account: id.Account, region: id.Region}
}
