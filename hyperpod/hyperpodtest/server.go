package hyperpodtest

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// Server is the emulator. It is safe for concurrent use, opens no socket, starts
// no goroutine and needs no closing. Make one with [NewServer].
type Server struct {
	options Options
	clock   emul.Clock
	calls   *emul.Log[Call]

	mu               sync.Mutex
	timeline         timeline
	accounts         map[emul.Identity]*account
	created          int
	eksOwners        map[string]*cluster
	lifecycleFailure map[string]string
}

// account is what one account has in one Region.
type account struct {
	clusters []*cluster // in the order of creation
	byName   map[string]*cluster
	byARN    map[string]*cluster
}

// Call is the record of one request, failed ones included.
type Call struct {
	// Operation is the API's name, such as "CreateCluster".
	Operation string
	// Account and Region are those that the call acted for.
	Account, Region string
	// Time is the emulated time of the call.
	Time time.Time
	// Input is a copy of the operation's input, such as *sagemaker.CreateClusterInput.
	// Nil when a request could not be decoded.
	Input any
	// Err is the error that was answered, nil for success.
	Err error
}

// NewServer makes an emulator without clusters. Option functions are applied in
// order.
func NewServer(optFns ...func(*Options)) *Server {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	o.setDefaults()
	return &Server{
		options:          o,
		clock:            emul.NewClock(o.Speed),
		calls:            emul.NewLog[Call](o.MaxCalls),
		accounts:         map[emul.Identity]*account{},
		eksOwners:        map[string]*cluster{},
		lifecycleFailure: map[string]string{},
	}
}

// Client returns an SDK client wired to the server in process. It is unsigned, so
// it acts as the root of Options.Account in Options.Region, and makes one attempt a
// call; option functions can change both.
func (s *Server) Client(optFns ...func(*sagemaker.Options)) *sagemaker.Client {
	return sagemaker.New(sagemaker.Options{
		Region:           s.options.Region,
		Credentials:      aws.AnonymousCredentials{},
		HTTPClient:       emul.Transport{Handler: s},
		RetryMaxAttempts: 1,
	}, optFns...)
}

// Calls returns the calls so far, oldest first: at most Options.MaxCalls, the
// newest.
func (s *Server) Calls() []Call { return s.calls.All() }

// Now returns the emulated time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// FailLifecycle makes the lifecycle script fail on every node that starts with, or
// is updated to, an image from now on. message is what the node then says; empty
// stands for the service's usual text. The image "default" may be named too.
func (s *Server) FailLifecycle(imageID, message string) {
	if message == "" {
		message = "Lifecycle scripts did not run successfully. Check the lifecycle script logs in the CloudWatch log group of the cluster."
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timeline.advance(s.clock.Now()) // what was due before has not failed
	s.lifecycleFailure[imageID] = message
}

// root is the identity of typed and unsigned calls.
func (s *Server) root() emul.Identity {
	return emul.Identity{Account: s.options.Account, Region: s.options.Region}
}

// request is what a handler knows of a call beside its input.
type request struct {
	who emul.Identity
	now time.Time
	own *account
}

// outcome is what a valid request leads to: the images it makes the service look at
// and share first, and then the change and the answer.
type outcome[O any] struct {
	images []imageUse
	apply  func() *O
}

func answer[O any](out *O) outcome[O] {
	return outcome[O]{apply: func() *O { return out }}
}

// handler validates a request against the state and says what it leads to, without
// changing anything.
type handler[I, O any] func(s *Server, r request, in *I) (outcome[O], error)

// call takes a request through: check against the model, bring the state up to now,
// validate, let the service make its own calls, change, answer, record.
func call[I, O any](ctx context.Context, s *Server, who emul.Identity, op string, in *I, handle handler[I, O]) (*O, error) {
	if in == nil {
		in = new(I)
	}
	input := deep.Copy(in)
	now := s.clock.Now()
	out, err := respond(ctx, s, who, op, input, handle)
	s.calls.Add(Call{Operation: op, Account: who.Account, Region: who.Region, Time: now, Input: deep.Copy(in), Err: err})
	return out, err
}

func respond[I, O any](ctx context.Context, s *Server, who emul.Identity, op string, in *I, handle handler[I, O]) (*O, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if found := smmodel.Operation(op, in); len(found) > 0 {
		return nil, constraintError(found)
	}
	if s.options.Images != nil {
		// The service's own calls to EC2 are made without the lock, so the request
		// is validated before them and once more after.
		images, err := preview(s, who, in, handle)
		if err != nil {
			return nil, err
		}
		if err := s.forwardImages(ctx, who, images); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	res, err := handle(s, s.begin(who), in)
	if err != nil {
		return nil, err
	}
	return deep.Copy(res.apply()), nil
}

// preview validates a request and returns the images that it names.
func preview[I, O any](s *Server, who emul.Identity, in *I, handle handler[I, O]) ([]imageUse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	res, err := handle(s, s.begin(who), in)
	return res.images, err
}

// begin brings the state up to now. The lock is held.
func (s *Server) begin(who emul.Identity) request {
	now := s.clock.Now()
	s.timeline.advance(now)
	own := s.accounts[who]
	if own == nil {
		own = &account{byName: map[string]*cluster{}, byARN: map[string]*cluster{}}
		s.accounts[who] = own
	}
	return request{who: who, now: now, own: own}
}

// find returns a cluster by name or ARN.
func (r request) find(nameOrARN *string) (*cluster, error) {
	name := aws.ToString(nameOrARN)
	if c := r.own.byName[name]; c != nil {
		return c, nil
	}
	if c := r.own.byARN[name]; c != nil {
		return c, nil
	}
	return nil, notFound("Cluster %s could not be found.", name)
}

// CreateCluster creates a cluster; see [sagemaker.Client.CreateCluster].
func (s *Server) CreateCluster(ctx context.Context, in *sagemaker.CreateClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.CreateClusterOutput, error) {
	return call(ctx, s, s.root(), "CreateCluster", in, (*Server).createCluster)
}

// DeleteCluster deletes a cluster; see [sagemaker.Client.DeleteCluster].
func (s *Server) DeleteCluster(ctx context.Context, in *sagemaker.DeleteClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DeleteClusterOutput, error) {
	return call(ctx, s, s.root(), "DeleteCluster", in, (*Server).deleteCluster)
}

// DescribeCluster describes a cluster; see [sagemaker.Client.DescribeCluster].
func (s *Server) DescribeCluster(ctx context.Context, in *sagemaker.DescribeClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	return call(ctx, s, s.root(), "DescribeCluster", in, (*Server).describeCluster)
}

// DescribeClusterNode describes a node; see [sagemaker.Client.DescribeClusterNode].
func (s *Server) DescribeClusterNode(ctx context.Context, in *sagemaker.DescribeClusterNodeInput, _ ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterNodeOutput, error) {
	return call(ctx, s, s.root(), "DescribeClusterNode", in, (*Server).describeClusterNode)
}

// ListClusterNodes lists a cluster's nodes; see [sagemaker.Client.ListClusterNodes].
func (s *Server) ListClusterNodes(ctx context.Context, in *sagemaker.ListClusterNodesInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClusterNodesOutput, error) {
	return call(ctx, s, s.root(), "ListClusterNodes", in, (*Server).listClusterNodes)
}

// ListClusters lists clusters; see [sagemaker.Client.ListClusters].
func (s *Server) ListClusters(ctx context.Context, in *sagemaker.ListClustersInput, _ ...func(*sagemaker.Options)) (*sagemaker.ListClustersOutput, error) {
	return call(ctx, s, s.root(), "ListClusters", in, (*Server).listClusters)
}

// UpdateCluster changes a cluster; see [sagemaker.Client.UpdateCluster].
func (s *Server) UpdateCluster(ctx context.Context, in *sagemaker.UpdateClusterInput, _ ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterOutput, error) {
	return call(ctx, s, s.root(), "UpdateCluster", in, (*Server).updateCluster)
}

// UpdateClusterSoftware replaces images; see [sagemaker.Client.UpdateClusterSoftware].
func (s *Server) UpdateClusterSoftware(ctx context.Context, in *sagemaker.UpdateClusterSoftwareInput, _ ...func(*sagemaker.Options)) (*sagemaker.UpdateClusterSoftwareOutput, error) {
	return call(ctx, s, s.root(), "UpdateClusterSoftware", in, (*Server).updateClusterSoftware)
}
