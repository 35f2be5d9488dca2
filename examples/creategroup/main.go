// Command creategroup builds instance groups: a base that others are made from, what the
// checks say of mistakes, and the way to a member that the builder does not know.
//
//	go run ./examples/creategroup
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(_ context.Context, out io.Writer) error {
	// A group is a value: what is set on a copy leaves the base as it is.
	base := hyperpod.NewGroup("base").
		WithExecutionRole("arn:aws:iam::111122223333:role/HyperPodExecution").
		WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh").
		WithImage("ami-0123456789abcdef0")
	workers := base.WithName("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 8).WithEBSVolume(500)
	login := base.WithName("login").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 1)

	for _, group := range []hyperpod.Group{workers, login} {
		spec, err := group.Build() // the SDK's own type, checked
		if err != nil {
			return err
		}
		say(out, "%s: %d of %s on %s, %d volumes", *spec.InstanceGroupName, *spec.InstanceCount, spec.InstanceType, *spec.ImageId, len(spec.InstanceStorageConfigs))
	}

	// Every mistake is told at once, by its path in the API. Nothing is sent for it.
	_, err := base.WithName("no_underscores").WithInstances("ml.p5.46xlarge", -1).WithImage("ami-golden").Build()
	refused, ok := errors.AsType[*hyperpod.InvalidError](err)
	if !ok {
		return fmt.Errorf("the group was to be refused: %w", err)
	}
	say(out, "\nA group with mistakes:")
	for _, finding := range refused.Findings {
		say(out, "  %s", finding)
	}

	// What AWS has added last week is set on the SDK's struct.
	tuned := workers.WithSpec(func(spec *types.ClusterInstanceGroupSpecification) {
		spec.ThreadsPerCore = aws.Int32(1)
	})

	// A group is the JSON that the AWS CLI takes for --instance-groups.
	document, err := json.MarshalIndent(tuned, "", "  ")
	if err != nil {
		return err
	}
	say(out, "\nAs JSON for the AWS CLI:\n%s", document)
	return nil
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
