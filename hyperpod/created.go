package hyperpod

import (
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// createdSince tells whether a cluster was created after a request was first sent at a
// time of this machine's clock and refused in the end.
//
// The refusal carries the service's time, and only durations are taken from this
// machine, so that its clock may be wrong. The service's time is in whole seconds, and
// another second is for clocks that differ within the service: a cluster that somebody
// else made in that time and alike is taken for ours. A refusal without a time, which no
// service of AWS makes, is judged by this machine's clock.
func createdSince(live *sagemaker.DescribeClusterOutput, sent time.Time, refusal error) bool {
	since := sent.Truncate(time.Millisecond) // as creation times are
	if answered, told := answeredAt(refusal); told {
		since = answered.Add(-time.Since(sent) - time.Second)
	}
	return live.CreationTime != nil && !live.CreationTime.Before(since)
}

// answeredAt is when the service answered with an error, by its own clock.
func answeredAt(err error) (time.Time, bool) {
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) || answer.HTTPResponse() == nil || answer.HTTPResponse().Response == nil {
		return time.Time{}, false
	}
	at, err := http.ParseTime(answer.HTTPResponse().Header.Get("Date"))
	return at, err == nil
}

// madeFrom tells whether a cluster is described with all that a request to create it
// asked for. What was left to the service may be anything, and tiered storage may be
// missing: it was seen to be so in the first description of a new cluster.
func madeFrom(live *sagemaker.DescribeClusterOutput, in *sagemaker.CreateClusterInput) bool {
	asked := &sagemaker.UpdateClusterInput{
		InstanceGroups: in.InstanceGroups, RestrictedInstanceGroups: in.RestrictedInstanceGroups,
		AutoScaling: in.AutoScaling, ClusterRole: in.ClusterRole, NodeProvisioningMode: in.NodeProvisioningMode,
		NodeRecovery: in.NodeRecovery, Orchestrator: in.Orchestrator, RestrictedInstanceGroupsConfig: in.RestrictedInstanceGroupsConfig,
	}
	if live.TieredStorageConfig != nil {
		asked.TieredStorageConfig = in.TieredStorageConfig
	}
	return aws.ToString(live.ClusterName) == aws.ToString(in.ClusterName) &&
		len(live.InstanceGroups) == len(in.InstanceGroups) && len(live.RestrictedInstanceGroups) == len(in.RestrictedInstanceGroups) &&
		len(fieldChanges(live.VpcConfig, merge(live.VpcConfig, in.VpcConfig))) == 0 &&
		len((&Plan{input: asked}).unmet(live)) == 0
}
