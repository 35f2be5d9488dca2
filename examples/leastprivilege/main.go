// Command leastprivilege generates the policy for exactly what a program does, and shows on
// the emulators that it is enough for that, and for nothing else.
//
//	go run ./examples/leastprivilege
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/examples/internal/laptop"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
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

func run(ctx context.Context, out io.Writer) error {
	aws := laptop.New()
	administrator := hyperpod.New(sagemaker.NewFromConfig(aws.Config(laptop.Account, laptop.Region))).Cluster("train")
	arn, err := create(ctx, administrator)
	if err != nil {
		return err
	}

	// The program scales groups of this one cluster, and nothing else.
	scope := policy.Scope{
		Partition: "aws", Region: laptop.Region, Account: laptop.Account,
		Clusters:       policy.ClusterARNs(arn),
		Orchestrator:   policy.EKS(laptop.EKSCluster),
		ExecutionRoles: []string{laptop.Role},
	}
	document, err := policy.Generate(scope, policy.UpdateGroups)
	if err != nil {
		return err
	}
	say(out, "%s\n", document)
	why, err := policy.Explain(scope, policy.UpdateGroups)
	if err != nil {
		return err
	}
	say(out, "%s", why)

	// The program runs under it on the emulator.
	robot, err := programOf(aws, document)
	if err != nil {
		return err
	}
	report, err := robot.Update(ctx, hyperpod.Scale("workers", 4))
	if err != nil {
		return err
	}
	say(out, "%s", report)
	_, err = robot.Delete(ctx)
	if denied, ok := errors.AsType[smithy.APIError](err); !ok || denied.ErrorCode() != "AccessDeniedException" {
		return fmt.Errorf("the deletion was to be denied: %w", err)
	}
	say(out, "Deleting the cluster: %v\n", err)

	// What somebody has written by hand is judged by the codes of IAM Access Analyzer, and
	// by rules of HyperPod.
	text, err := json.Marshal(policy.PagePolicy(laptop.Role))
	if err != nil {
		return err
	}
	lints, err := policy.Check(text)
	if err != nil {
		return err
	}
	say(out, "Of the policy that AWS prints for custom AMIs:")
	for _, lint := range lints {
		say(out, "  %s", lint)
	}
	return nil
}

// programOf is the cluster as a role sees it that has one policy.
func programOf(aws *laptop.Laptop, document *policy.Document) (*hyperpod.Cluster, error) {
	allowed, err := policy.Compile(document)
	if err != nil {
		return nil, err
	}
	role := aws.Clusters.As(hyperpodtest.Principal{
		ARN: "arn:aws:iam::111122223333:role/Scaler", Policies: policy.Policies{Identity: allowed},
	})
	return hyperpod.New(role.Client()).Cluster("train"), nil
}

// create makes the cluster that the program scales.
func create(ctx context.Context, train *hyperpod.Cluster) (string, error) {
	workers := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 2).
		WithExecutionRole(laptop.Role).WithLifecycle(laptop.Scripts, "on_create.sh").WithDefaultImage()
	report, err := train.Create(ctx, hyperpod.Spec{
		Groups: []hyperpod.Group{workers}, Orchestrator: hyperpod.EKS(laptop.EKSCluster),
		VPC: hyperpod.VPC{Subnets: []string{laptop.Subnet}, SecurityGroups: []string{laptop.SecurityGroup}},
	})
	return report.ARN, err
}

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
