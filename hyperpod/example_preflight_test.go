package hyperpod_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// knownRoles is a preflight of one's own: it knows which execution roles there are.
type knownRoles []string

func (known knownRoles) CheckRole(_ context.Context, use hyperpod.RoleUse) ([]hyperpodkit.Finding, error) {
	if slices.Contains(known, use.ARN) {
		return nil, nil
	}
	return []hyperpodkit.Finding{{
		Level: hyperpodkit.Error, Rule: "role-not-found", Resource: use.ARN, Path: use.Path,
		Found: "the role does not exist", Fix: "create it first",
	}}, nil
}

// A preflight is asked before anything is sent. Ready ones for S3, IAM, EC2, EKS and
// Service Quotas are in examples/preflight, to copy.
func ExamplePreflights() {
	hp := hyperpod.New(hyperpodtest.NewServer().Client(), func(o *hyperpod.Options) {
		o.Poll.Interval = time.Millisecond
		o.Preflights.Roles = knownRoles{role}
	})
	spec := exampleSpec()
	spec.Groups = append(spec.Groups, exampleGroup().WithName("debug").WithExecutionRole("arn:aws:iam::111122223333:role/Debug"))
	_, err := hp.Cluster("train").Create(context.Background(), spec)
	fmt.Println(err)
	// Output:
	// create cluster "train": refused, nothing was sent: InstanceGroups[1].ExecutionRole (arn:aws:iam::111122223333:role/Debug): the role does not exist; create it first [role-not-found]
}
