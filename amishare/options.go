package amishare

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// Tag is a tag's key and value.
type Tag struct{ Key, Value string }

// String returns the tag as key=value.
func (t Tag) String() string { return t.Key + "=" + t.Value }

// Options are those of a [Checker], a [Tagger], an [Auditor] and a [Retirer], and part of
// those of a [Sharer] and an [Adopter].
type Options struct {
	// Guard is the tag that an AMI and each of its snapshots carry when they may be
	// shared with HyperPod. The constructors set AllowSharing=true, as in the
	// developer guide's policy for custom AMIs. A Guard without a key turns the rule
	// off, for accounts whose policies do not scope sharing by a tag.
	Guard Tag
	// AllowEncrypted accepts an AMI that a customer managed key encrypts, when the
	// instance group's root volume is encrypted with the same key. The developer
	// guide allows that; the API reference asks for an unencrypted AMI. So the zero
	// value refuses all encrypted AMIs.
	AllowEncrypted bool
	// Region is where the API looks. Empty means that of the client when it is an
	// *ec2.Client, and otherwise unknown.
	Region string
	// Verify says how to wait until what was written is visible. The constructors set a
	// timeout of one minute and a poll every two seconds.
	Verify poll.Options
}

func resolve(api API, optFns []func(*Options)) Options {
	opts := Options{
		Guard:  Tag{Key: "AllowSharing", Value: "true"},
		Verify: poll.Options{Timeout: time.Minute, Interval: 2 * time.Second, Tolerate: awserr.IsTransient},
	}
	if client, ok := api.(interface{ Options() ec2.Options }); ok {
		opts.Region = client.Options().Region
	}
	for _, fn := range optFns {
		fn(&opts)
	}
	return opts
}
