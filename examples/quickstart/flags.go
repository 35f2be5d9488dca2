package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// options is what the flags say.
type options struct {
	live, yes bool
	names     names
}

// names are what the story works with: resources that exist, and what it creates.
type names struct {
	cluster        string
	eksCluster     string // ARN
	role           string // ARN
	subnets        []string
	securityGroups []string
	lifecycle      string // S3 URI
	onCreate       string
	instanceType   types.ClusterInstanceType
	workers, more  int32
	image, next    string
	broken         string // empty: that step is left out
}

// parse reads the flags. It names everything that is missing or wrong at once.
func parse(args []string, usage io.Writer) (options, error) {
	var o options
	var subnets, securityGroups, instanceType string
	set := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	set.SetOutput(io.Discard) // an error is returned, and told once
	set.BoolVar(&o.live, "live", false, "run on the account and Region that the SDK finds, not on the emulators; the other flags are for this only")
	set.BoolVar(&o.yes, "yes", false, "do not ask before changes")

	n := &o.names
	required := []string{"eks-cluster", "role", "subnets", "security-groups", "lifecycle", "instance-type", "image", "next-image"}
	set.StringVar(&n.eksCluster, "eks-cluster", "", "`ARN` of the EKS cluster that orchestrates (required)")
	set.StringVar(&n.role, "role", "", "`ARN` of the instance groups' execution role (required)")
	set.StringVar(&subnets, "subnets", "", "subnet `ids`, separated by commas (required)")
	set.StringVar(&securityGroups, "security-groups", "", "security group `ids`, separated by commas (required)")
	set.StringVar(&n.lifecycle, "lifecycle", "", "S3 `URI` of the lifecycle scripts (required)")
	set.StringVar(&instanceType, "instance-type", "", "`type` of all instances, such as ml.c5.2xlarge (required)")
	set.StringVar(&n.image, "image", "", "`id` of the AMI that the cluster is created with (required)")
	set.StringVar(&n.next, "next-image", "", "`id` of the AMI that the cluster is rolled to (required)")
	set.StringVar(&n.broken, "failing-image", "", "`id` of an AMI on which the lifecycle script fails; without it that step is left out")
	set.StringVar(&n.cluster, "cluster", "train", "`name` of the cluster to be created and deleted")
	set.StringVar(&n.onCreate, "on-create", "on_create.sh", "`file` of the lifecycle script")
	n.workers, n.more = 2, 4
	set.Func("workers", "`count` of workers at first (default 2)", count(&n.workers))
	set.Func("more-workers", "`count` of workers after scaling (default 4)", count(&n.more))
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			set.SetOutput(usage)
			set.PrintDefaults()
		}
		return o, err
	}

	given := map[string]bool{}
	set.Visit(func(f *flag.Flag) { given[f.Name] = f.Value.String() != "" })
	n.subnets, n.securityGroups = list(subnets), list(securityGroups)
	n.instanceType = types.ClusterInstanceType(instanceType)
	var problems []error
	if set.NArg() > 0 {
		problems = append(problems, fmt.Errorf("arguments %q: only flags are taken", set.Args()))
	}
	if !o.live {
		set.Visit(func(f *flag.Flag) {
			problems = append(problems, fmt.Errorf("flag -%s: means something with -live only", f.Name))
		})
		return o, errors.Join(problems...)
	}
	for _, name := range required {
		if !given[name] {
			problems = append(problems, fmt.Errorf("flag -%s: missing, -live needs it: %s", name, set.Lookup(name).Usage))
		}
	}
	if n.workers < 1 || n.more <= n.workers {
		problems = append(problems, fmt.Errorf("flags -workers and -more-workers: %d and %d, but the story scales up from at least 1", n.workers, n.more))
	}
	if n.image != "" && n.image == n.next {
		problems = append(problems, fmt.Errorf("flags -image and -next-image: both %s, but the story rolls to another AMI", n.image))
	}
	return o, errors.Join(problems...)
}

func count(n *int32) func(string) error {
	return func(s string) error {
		v, err := strconv.ParseInt(s, 10, 32)
		*n = int32(v)
		return err
	}
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
