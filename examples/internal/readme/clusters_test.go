package readme_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/examples/internal/readme"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func TestCreate(t *testing.T) {
	onEmulators(t, func(t *testing.T, w world) {
		ctx, cfg := t.Context(), w.config(account)
		//readme:start client
		clusters := hyperpod.New(sagemaker.NewFromConfig(cfg), func(o *hyperpod.Options) {
			o.Images = amishare.NewChecker(ec2.NewFromConfig(cfg)) // every AMI is checked before it is sent
		})
		train := clusters.Cluster("train")
		//readme:end

		//readme:start create
		workers := hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 8).
			WithExecutionRole(role).WithLifecycle("s3://amzn-s3-demo-bucket/lifecycle", "on_create.sh").
			WithImage("ami-0123456789abcdef0")
		report, err := train.Create(ctx, hyperpod.Spec{
			Groups:       []hyperpod.Group{workers, workers.WithName("login").WithInstanceCount(1)},
			Orchestrator: hyperpod.EKS(eksCluster),
			VPC:          hyperpod.VPC{Subnets: []string{subnet}, SecurityGroups: []string{securityGroup}},
		})
		//readme:end
		require.NoError(t, err)
		require.Len(t, report.Groups, 2)
		assert.Equal(t, int32(8), report.Groups[0].Count)
		assert.NotEmpty(t, w.images.Calls(), "the AMI was checked")
	})
}

func TestChange(t *testing.T) {
	onEmulators(t, func(t *testing.T, w world) {
		ctx, train, debug := t.Context(), w.train(t), group("debug", 1)
		//readme:start change
		plan, err := train.Plan(ctx, hyperpod.Scale("workers", 12), hyperpod.AddGroup(debug), hyperpod.DeleteGroup("login"))
		fmt.Print(plan)
		report, err := plan.Apply(ctx) // one request; hyperpod.ErrStale if the groups have changed since
		//readme:end
		require.NoError(t, err)
		require.NoError(t, readme.Printed(page(t), "plan", plan.String()))
		assert.Len(t, report.Calls, 1)
		require.Len(t, report.Groups, 3)
		assert.Equal(t, int32(12), report.Groups[0].Count)
	})
}

func TestRoll(t *testing.T) {
	onEmulators(t, func(t *testing.T, w world) {
		ctx, train := t.Context(), w.train(t)
		//readme:start roll
		report, err := train.RollImage(ctx, hyperpod.Roll{
			Image: hyperpod.AMI("ami-0fedcba9876543210"), Groups: hyperpod.Named("login", "workers"),
			OneByOne: true, Batch: hyperpod.Percent(25), Alarms: []string{"train-loss-nan"},
			ReplaceRootVolumes: true, // what is on them is lost, so it has to be said
		})
		//readme:end
		require.NoError(t, err)
		require.Len(t, report.Groups, 2)
		for _, g := range report.Groups {
			assert.Equal(t, next, g.Image)
		}
	})
}

func TestExplain(t *testing.T) {
	onEmulators(t, func(t *testing.T, w world) {
		ctx, train := t.Context(), w.train(t)
		w.clusters.FailLifecycle(next, "Lifecycle script on_create.sh exited with status 127: nvidia-smi: command not found")
		soon, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		_, err := train.Update(soon, hyperpod.AddGroup(group("debug", 1).WithImage(next)))
		require.Error(t, err)
		west := sagemaker.NewFromConfig(w.config(account))
		east := sagemaker.NewFromConfig(w.config(account), func(o *sagemaker.Options) { o.Region = "us-east-1" })
		//readme:start explain
		why, err := train.Explain(ctx)
		for _, cause := range why.Causes {
			fmt.Println(cause.Class, cause.Waiting, cause.Text) // what, whether waiting can help, and the service's words
		}
		wanted := hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: "ami-0fedcba9876543210"}}}
		inventory := hyperpod.NewInventory([]hyperpod.InventorySource{{API: west}, {API: east}}, func(o *hyperpod.InventoryOptions) {
			o.Wanted = wanted.Find
		})
		list, err := inventory.Take(ctx) // list.Drift() has the clusters that run something else
		//readme:end
		require.NoError(t, err)
		require.NotEmpty(t, why.Causes)
		assert.Equal(t, hyperpod.ClassLifecycle, why.Causes[0].Class)
		assert.Len(t, list.Drift(), 1)
	})
}
