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

// Server is the emulator, as one principal sees it. It is safe for concurrent use,
// opens no socket, starts no goroutine and needs no closing. Make one with
// [NewServer].
type Server struct {
	*core
	acting emul.Caller
}

// core is what all that [Server.As] returns have in common.
type core struct {
	options    Options
	clock      emul.Clock
	calls      *emul.Log[Call]
	principals emul.Principals
	faults     Faults

	mu        sync.Mutex
	timeline  timeline
	accounts  map[emul.Identity]*account
	known     []*account // in the order of their first calls
	created   int
	eksOwners map[string]*cluster
	world
}

// account is what one account has in one Region.
type account struct {
	id       emul.Identity
	clusters []*cluster // in the order of creation
	sorted   []*cluster // in the order of their names
	byName   map[string]*cluster
	byARN    map[string]*cluster
}

// Call is the record of one request, failed ones included.
type Call struct {
	// Operation is the API's name, such as "CreateCluster".
	Operation string
	// Principal is the ARN of whoever called.
	Principal string
	// Account and Region are those that the call acted for.
	Account, Region string
	// Time is the emulated time of the call.
	Time time.Time
	// Input is a copy of the operation's input, such as *sagemaker.CreateClusterInput.
	// Nil when a request could not be decoded, or nobody has its access key.
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
	s := &Server{
		core: &core{
			options:   o,
			clock:     emul.NewClock(o.Speed),
			calls:     emul.NewLog[Call](o.MaxCalls),
			accounts:  map[emul.Identity]*account{},
			eksOwners: map[string]*cluster{},
			world:     newWorld(),
		},
		acting: emul.Caller{Principal: emul.Root(o.Account, o.Region), Region: o.Region},
	}
	s.faults.engine.Clock = s.clock
	return s
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

// Calls returns the calls so far, in the order in which they ended: at most
// Options.MaxCalls, the newest.
func (s *Server) Calls() []Call {
	calls := s.calls.All()
	for i := range calls {
		calls[i].Input = deep.Copy(calls[i].Input)
	}
	return calls
}

// Now returns the emulated time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// request is what a handler knows of a call beside its input.
type request struct {
	who emul.Identity
	now time.Time
	own *account
}

// outcome is what a valid request leads to: the images that it makes the service look at
// and share first, and then the change and the answer.
type outcome[O any] struct {
	images   []imageUse
	launches []string // images of nodes that start without a request that names them
	apply    func() *O
	pretend  func() *O // the answer without the change; nil where nothing is changed
}

func answer[O any](out *O) outcome[O] {
	return outcome[O]{apply: func() *O { return out }}
}

// handler validates a request against the state and says what it leads to, without
// changing anything.
type handler[I, O any] func(s *Server, r request, in *I) (outcome[O], error)

// call takes a request through its faults, and records it.
func call[I, O any](ctx context.Context, s *Server, who emul.Caller, op string, in *I, handle handler[I, O]) (*O, error) {
	if in == nil {
		in = new(I)
	}
	input, record := deep.Copy(in), deep.Copy(in)
	now := s.clock.Now()
	out, err := emul.Around(ctx, &s.faults.engine, op, input, func(ignore bool) (*O, error) {
		return respond(ctx, s, who, op, input, handle, ignore)
	})
	s.record(who, op, now, record, err)
	return out, err
}

func (s *Server) record(who emul.Caller, op string, at time.Time, input any, err error) {
	id := who.Identity()
	s.calls.Add(Call{Operation: op, Principal: who.Principal.ARN, Account: id.Account, Region: id.Region, Time: at, Input: input, Err: err})
}

// respond answers a request: check it against the model, authorise it, bring the state
// up to now, validate, let the service make its own calls, change, answer.
func respond[I, O any](ctx context.Context, s *Server, who emul.Caller, op string, in *I, handle handler[I, O], ignore bool) (*O, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if found := smmodel.Operation(op, in); len(found) > 0 {
		return nil, constraintError(found)
	}
	s.watchGrants(ctx)
	if err := s.authorize(who, s.needed(who, in)); err != nil {
		return nil, err
	}
	if s.options.Images != nil {
		// The service's own calls to EC2 are made without the lock, so the request
		// is validated before them and once more after.
		res, err := preview(s, who, in, handle)
		if err != nil {
			return nil, err
		}
		forwarded := emul.Forward(ctx, who.Principal, service, !s.options.NoForwardKeys)
		with := s.options.ServiceAccount
		if ignore {
			with = "" // refuse what is refused, and share nothing
		}
		if err := s.forwardImages(forwarded, who.Identity(), res.images, with); err != nil {
			return nil, err
		}
		if !ignore {
			s.checkGrants(ctx, launched(who.Identity(), res.launches))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	res, err := handle(s, s.begin(who.Identity()), in)
	if err != nil {
		return nil, err
	}
	if ignore && res.pretend != nil {
		return deep.Copy(res.pretend()), nil
	}
	return deep.Copy(res.apply()), nil
}

// needed lists what a call needs beside a valid input.
func (s *Server) needed(who emul.Caller, in any) []need {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.needs(s.begin(who.Identity()), in)
}

// preview validates a request and says what it leads to, without changing anything.
func preview[I, O any](s *Server, who emul.Caller, in *I, handle handler[I, O]) (outcome[O], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return handle(s, s.begin(who.Identity()), in)
}

// begin brings the state up to now. The lock is held.
func (s *Server) begin(who emul.Identity) request {
	now := s.clock.Now()
	s.timeline.advance(now)
	own := s.accounts[who]
	if own == nil {
		own = &account{id: who, byName: map[string]*cluster{}, byARN: map[string]*cluster{}}
		s.accounts[who] = own
		s.known = append(s.known, own)
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
