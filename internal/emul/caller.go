package emul

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// Caller is on whose behalf a call acts, where, and through which service.
type Caller struct {
	Principal Principal
	Region    string
	// Via is the principal name of the service that makes the call with the
	// principal's rights, such as "sagemaker.amazonaws.com". Empty means that the
	// principal calls itself.
	Via string
	// Keys says that a call through a service carries the keys of forward access
	// sessions. Without them it looks like one that the principal makes itself.
	Keys bool
}

// Identity returns the account and the Region that the call acts in.
func (c Caller) Identity() Identity {
	return Identity{Account: c.Principal.Account(), Region: c.Region}
}

// Authorize judges an action of the call; see [Authorize]. To the context it adds the
// keys that every request has: aws:RequestedRegion, aws:ViaAWSService and, through a
// service, those of aws:CalledVia ("AWS global condition context keys", IAM User
// Guide). Those of the principal are filled in by package policy.
func (c Caller) Authorize(action string, context map[string][]string, resources ...policy.Resource) error {
	keys := map[string][]string{
		"aws:RequestedRegion": {c.Region},
		"aws:ViaAWSService":   {strconv.FormatBool(c.Via != "" && c.Keys)},
	}
	if c.Via != "" && c.Keys {
		for _, key := range []string{"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"} {
			keys[key] = []string{c.Via}
		}
	}
	maps.Copy(keys, context)
	return Authorize(c.Principal, policy.Request{Action: action, Context: keys}, resources...)
}

type forwardKey struct{}

// Forward returns a context in which a service calls others with a principal's rights.
// service is its principal name, and keys says whether its calls carry aws:CalledVia
// and aws:ViaAWSService.
func Forward(ctx context.Context, p Principal, service string, keys bool) context.Context {
	return context.WithValue(ctx, forwardKey{}, Caller{Principal: p, Via: service, Keys: keys})
}

// Forwarded returns the caller of a context made by [Forward], without a Region.
func Forwarded(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(forwardKey{}).(Caller)
	return c, ok
}

// Principals are the principals whom signed requests may name. The zero value knows
// the roots of all accounts, and takes any other key for one of the server's own root.
// It may be used from many goroutines.
type Principals struct {
	mu     sync.RWMutex
	byKey  map[string]Principal
	closed bool // a key that nobody has is refused
}

// Add makes signed requests that name the principal's access key act as it, and
// returns that key: a principal without one gets one made from its ARN. A principal
// added before under the same key is replaced. From the first key on that is not an
// account's id, keys that nobody has are refused.
func (ps *Principals) Add(p Principal) string {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.byKey == nil {
		ps.byKey = map[string]Principal{}
	}
	p.AccessKey = p.key()
	ps.byKey[p.AccessKey] = p
	ps.closed = ps.closed || !isAccount(p.AccessKey)
	return p.AccessKey
}

// Caller tells who sent a request, and where it acts: as [Identify] does, but that a
// signed request acts as the principal whose access key it names. unsigned is who
// sends requests without a signature. An error says that nobody has the key; the caller
// then has no principal.
func (ps *Principals) Caller(r *http.Request, unsigned Caller) (Caller, error) {
	c := unsigned
	c.Region = Identify(r, unsigned.Identity()).Region
	key, _, signed := credential(r)
	c.Principal = c.Principal.In(c.Region)
	if !signed {
		return c, nil
	}
	ps.mu.RLock()
	defer ps.mu.RUnlock()
	p, known := ps.byKey[key]
	switch {
	case known:
		c.Principal = p.In(c.Region)
	case isAccount(key):
		c.Principal = Root(key, c.Region)
	case ps.closed:
		c.Principal = Principal{AccessKey: key}
		return c, fmt.Errorf("no principal has the access key %q", key)
	}
	return c, nil
}

func isAccount(key string) bool { return len(key) == 12 && strings.Trim(key, "0123456789") == "" }
