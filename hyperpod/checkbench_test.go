package hyperpod_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// longText makes text of a length out of what must stand first and a letter.
func longText(prefix string, length int) *string {
	return aws.String(prefix + strings.Repeat("x", length-len(prefix)))
}

// largestSpec is the largest instance group that the service takes on an EKS cluster:
// every list at its greatest length, every text at its longest.
func largestSpec() types.ClusterInstanceGroupSpecification {
	deployment := func() *types.DeploymentConfiguration {
		size := &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeCapacityPercentage, Value: aws.Int32(100)}
		d := &types.DeploymentConfiguration{
			RollingUpdatePolicy:   &types.RollingDeploymentPolicy{MaximumBatchSize: size, RollbackMaximumBatchSize: size},
			WaitIntervalInSeconds: aws.Int32(3600),
		}
		for i := range 10 {
			d.AutoRollbackConfiguration = append(d.AutoRollbackConfiguration, types.AlarmDetails{AlarmName: longText(fmt.Sprint(i), 255)})
		}
		return d
	}
	vpc := &types.VpcConfig{}
	for i := range 16 {
		vpc.Subnets = append(vpc.Subnets, *longText(fmt.Sprintf("subnet-%d", i), 32))
	}
	for i := range 5 {
		vpc.SecurityGroupIds = append(vpc.SecurityGroupIds, *longText(fmt.Sprintf("sg-%d", i), 32))
	}
	kubernetes := &types.ClusterKubernetesConfig{Labels: map[string]string{}}
	for i := range 50 {
		key := *longText(fmt.Sprintf("p%d", i), 253) + "/" + *longText("n", 63)
		kubernetes.Labels[key] = *longText("v", 63)
		kubernetes.Taints = append(kubernetes.Taints, types.ClusterKubernetesTaint{
			Key: aws.String(key), Value: longText("v", 63), Effect: types.ClusterKubernetesTaintEffectPreferNoSchedule,
		})
	}
	return types.ClusterInstanceGroupSpecification{
		InstanceGroupName:    longText("g", 63),
		InstanceCount:        aws.Int32(6758),
		MinInstanceCount:     aws.Int32(6758),
		InstanceRequirements: &types.ClusterInstanceRequirements{InstanceTypes: types.ClusterInstanceType("").Values()[:20]},
		ExecutionRole:        longText("arn:aws:iam::111122223333:role/", 2048),
		LifeCycleConfig: &types.ClusterLifeCycleConfig{
			SourceS3Uri: longText("s3://amzn-s3-demo-bucket/", 1024), OnCreate: longText("c", 128), OnInitComplete: longText("i", 128),
		},
		ThreadsPerCore: aws.Int32(2),
		InstanceStorageConfigs: []types.ClusterInstanceStorageConfig{
			&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: types.ClusterEbsVolumeConfig{RootVolume: aws.Bool(true), VolumeKmsKeyId: longText("k", 2048)}},
			&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(16384), VolumeKmsKeyId: longText("k", 2048)}},
			&types.ClusterInstanceStorageConfigMemberFsxLustreConfig{Value: types.ClusterFsxLustreConfig{
				DnsName: longText("fs-0123456789abcdef0.", 270), MountName: longText("m", 8), MountPath: longText("/mnt/", 1024),
			}},
			&types.ClusterInstanceStorageConfigMemberFsxOpenZfsConfig{Value: types.ClusterFsxOpenZfsConfig{
				DnsName: longText("fs-0123456789abcdef0.", 270), MountPath: longText("/srv/", 1024),
			}},
		},
		TrainingPlanArn:       longText("arn:aws:sagemaker:us-west-2:111122223333:training-plan/", 2048),
		OverrideVpcConfig:     vpc,
		ScheduledUpdateConfig: &types.ScheduledUpdateConfig{ScheduleExpression: aws.String("cron(0" + strings.Repeat(",0", 118) + " 2 ? * SUN *)"), DeploymentConfig: deployment()},
		AutoPatchConfig: &types.ClusterAutoPatchConfig{
			PatchingStrategy: types.ClusterPatchingStrategyWhenAllIdle, DeploymentConfig: deployment(),
			PatchSchedule: &types.ClusterPatchSchedule{NextPatchDate: aws.Time(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))},
		},
		ImageId:              aws.String("default"),
		ImageReleaseVersion:  aws.String(strings.Repeat("1", 20) + "." + strings.Repeat("2", 20) + "." + strings.Repeat("3", 22)),
		KubernetesConfig:     kubernetes,
		CapacityRequirements: &types.ClusterCapacityRequirements{OnDemand: &types.ClusterOnDemandOptions{}},
		NetworkInterface:     &types.ClusterNetworkInterface{InterfaceType: types.ClusterInterfaceTypeEfaOnly},
	}
}

// largestGroup builds the largest group from parts that are already there: only the
// builder's own work is measured.
func largestGroup(s *types.ClusterInstanceGroupSpecification) hyperpod.Group {
	deployment := hyperpod.Deployment{Batch: hyperpod.Percent(100), RollbackBatch: hyperpod.Percent(100), WaitInterval: time.Hour}
	for _, alarm := range s.AutoPatchConfig.DeploymentConfig.AutoRollbackConfiguration {
		deployment.Alarms = append(deployment.Alarms, *alarm.AlarmName)
	}
	root, _ := s.InstanceStorageConfigs[0].(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig)
	secondary, _ := s.InstanceStorageConfigs[1].(*types.ClusterInstanceStorageConfigMemberEbsVolumeConfig)
	lustre, _ := s.InstanceStorageConfigs[2].(*types.ClusterInstanceStorageConfigMemberFsxLustreConfig)
	zfs, _ := s.InstanceStorageConfigs[3].(*types.ClusterInstanceStorageConfigMemberFsxOpenZfsConfig)
	return hyperpod.NewGroup(*s.InstanceGroupName).
		WithFlexibleInstances(*s.InstanceCount, s.InstanceRequirements.InstanceTypes...).
		WithMinInstanceCount(*s.MinInstanceCount).
		WithExecutionRole(*s.ExecutionRole).
		WithLifecycle(*s.LifeCycleConfig.SourceS3Uri, *s.LifeCycleConfig.OnCreate).
		WithOnInitComplete(*s.LifeCycleConfig.SourceS3Uri, *s.LifeCycleConfig.OnInitComplete).
		WithThreadsPerCore(*s.ThreadsPerCore).
		WithRootVolumeKey(*root.Value.VolumeKmsKeyId).
		WithEncryptedEBSVolume(*secondary.Value.VolumeSizeInGB, *secondary.Value.VolumeKmsKeyId).
		WithFSxLustre(*lustre.Value.DnsName, *lustre.Value.MountName, *lustre.Value.MountPath).
		WithFSxOpenZFS(*zfs.Value.DnsName, *zfs.Value.MountPath).
		WithTrainingPlan(*s.TrainingPlanArn).
		WithOverrideVPC(hyperpod.VPC{Subnets: s.OverrideVpcConfig.Subnets, SecurityGroups: s.OverrideVpcConfig.SecurityGroupIds}).
		WithScheduledUpdate(*s.ScheduledUpdateConfig.ScheduleExpression, deployment).
		WithAutoPatch(s.AutoPatchConfig.PatchingStrategy, deployment).
		WithNextPatchDate(*s.AutoPatchConfig.PatchSchedule.NextPatchDate).
		WithDefaultImage().
		WithImageReleaseVersion(*s.ImageReleaseVersion).
		WithKubernetesLabels(s.KubernetesConfig.Labels).
		WithKubernetesTaints(s.KubernetesConfig.Taints...).
		WithOnDemand().
		WithNetworkInterface(s.NetworkInterface.InterfaceType)
}

func TestLargestGroup(t *testing.T) {
	spec := largestSpec()
	group := largestGroup(&spec)
	assert.Empty(t, group.Check())
	assert.Equal(t, spec, group.Spec())
	spec.SlurmConfig, spec.OnStartDeepHealthChecks, spec.InstanceType = &types.ClusterSlurmConfig{}, []types.DeepHealthCheckType{""}, "x"
	for f, v := range reflect.ValueOf(spec).Fields() {
		assert.True(t, !f.IsExported() || !v.IsZero(), "%s is not in the largest group", f.Name)
	}
}

var errSerialised = errors.New("serialised")

// serialiser is an SDK client that stops when a request is serialised.
func serialiser() *sagemaker.Client {
	return sagemaker.New(sagemaker.Options{Region: "us-west-2", APIOptions: []func(*middleware.Stack) error{func(s *middleware.Stack) error {
		stop := func(context.Context, middleware.SerializeInput, middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
			return middleware.SerializeOutput{}, middleware.Metadata{}, errSerialised
		}
		return s.Serialize.Add(middleware.SerializeMiddlewareFunc("stop", stop), middleware.After)
	}}})
}

// BenchmarkLargestGroup compares building and checking the largest group with
// the SDK's serialisation of it: by the serialiser alone and by a client that stops
// there. The three take turns, so that whatever else the machine does falls on all;
// the medians are reported, and the ratios of ours to theirs.
func BenchmarkLargestGroup(b *testing.B) {
	spec := largestSpec()
	client := serialiser()
	in := &sagemaker.UpdateClusterInput{ClusterName: aws.String("c"), InstanceGroups: []types.ClusterInstanceGroupSpecification{spec}}
	medians := takeTurns(b,
		func() error {
			_, err := largestGroup(&spec).Build()
			return err
		},
		func() error {
			_, err := smwire.Encode(&spec)
			return err
		},
		func() error {
			if _, err := client.UpdateCluster(b.Context(), in); !errors.Is(err, errSerialised) {
				return err
			}
			return nil
		},
	)
	b.ReportMetric(medians[0]/1e3, "ours-µs")
	b.ReportMetric(medians[1]/1e3, "serialiser-µs")
	b.ReportMetric(medians[2]/1e3, "client-µs")
	b.ReportMetric(medians[0]/medians[1], "ours/serialiser")
	b.ReportMetric(medians[0]/medians[2], "ours/client")
}
