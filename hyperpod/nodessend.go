package hyperpod

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// nodeAnswer is what the service says of the nodes of one request.
type nodeAnswer struct {
	succeeded []string
	failed    map[string]nodeFailure
}

type nodeFailure struct{ code, message string }

// fail notes the nodes that were refused. The operations have types of their own for them.
func fail[F any](a *nodeAnswer, refused []F, of func(F) (id *string, code string, message *string)) {
	if a.failed == nil {
		a.failed = map[string]nodeFailure{}
	}
	for _, f := range refused {
		id, code, message := of(f)
		a.failed[aws.ToString(id)] = nodeFailure{code: code, message: aws.ToString(message)}
	}
}

// sendNodes is one of the three operations on chosen nodes.
type sendNodes func(ctx context.Context, api API, cluster string, ids, logicalIDs []string) (nodeAnswer, error)

func sendDelete(ctx context.Context, api API, cluster string, ids, logicalIDs []string) (nodeAnswer, error) {
	out, err := api.BatchDeleteClusterNodes(ctx, &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String(cluster), NodeIds: ids, NodeLogicalIds: logicalIDs}, neverTwice)
	if err != nil {
		return nodeAnswer{}, err
	}
	a := nodeAnswer{succeeded: slices.Concat(out.Successful, out.SuccessfulNodeLogicalIds)}
	fail(&a, out.Failed, func(f types.BatchDeleteClusterNodesError) (id *string, code string, message *string) {
		return f.NodeId, string(f.Code), f.Message
	})
	fail(&a, out.FailedNodeLogicalIds, func(f types.BatchDeleteClusterNodeLogicalIdsError) (id *string, code string, message *string) {
		return f.NodeLogicalId, string(f.Code), f.Message
	})
	return a, nil
}

func sendReplace(ctx context.Context, api API, cluster string, ids, logicalIDs []string) (nodeAnswer, error) {
	out, err := api.BatchReplaceClusterNodes(ctx, &sagemaker.BatchReplaceClusterNodesInput{ClusterName: aws.String(cluster), NodeIds: ids, NodeLogicalIds: logicalIDs}, neverTwice)
	if err != nil {
		return nodeAnswer{}, err
	}
	a := nodeAnswer{succeeded: slices.Concat(out.Successful, out.SuccessfulNodeLogicalIds)}
	fail(&a, out.Failed, func(f types.BatchReplaceClusterNodesError) (id *string, code string, message *string) {
		return f.NodeId, string(f.ErrorCode), f.Message
	})
	fail(&a, out.FailedNodeLogicalIds, func(f types.BatchReplaceClusterNodeLogicalIdsError) (id *string, code string, message *string) {
		return f.NodeLogicalId, string(f.ErrorCode), f.Message
	})
	return a, nil
}

func sendReboot(ctx context.Context, api API, cluster string, ids, logicalIDs []string) (nodeAnswer, error) {
	out, err := api.BatchRebootClusterNodes(ctx, &sagemaker.BatchRebootClusterNodesInput{ClusterName: aws.String(cluster), NodeIds: ids, NodeLogicalIds: logicalIDs}, neverTwice)
	if err != nil {
		return nodeAnswer{}, err
	}
	a := nodeAnswer{succeeded: slices.Concat(out.Successful, out.SuccessfulNodeLogicalIds)}
	fail(&a, out.Failed, func(f types.BatchRebootClusterNodesError) (id *string, code string, message *string) {
		return f.NodeId, string(f.ErrorCode), f.Message
	})
	fail(&a, out.FailedNodeLogicalIds, func(f types.BatchRebootClusterNodeLogicalIdsError) (id *string, code string, message *string) {
		return f.NodeLogicalId, string(f.ErrorCode), f.Message
	})
	return a, nil
}

// neverTwice keeps the SDK from sending a request again of which it is not known whether
// it was accepted: these operations have no token, so the nodes would be replaced or
// rebooted twice, or the second request refused though the first was accepted.
func neverTwice(o *sagemaker.Options) {
	if retryer, ok := o.Retryer.(aws.RetryerV2); ok {
		o.Retryer = ifThrottled{retryer}
	}
}

// ifThrottled tries again what the service has refused for coming too fast.
type ifThrottled struct{ aws.RetryerV2 }

func (r ifThrottled) IsErrorRetryable(err error) bool {
	return awserr.IsThrottle(err) && r.RetryerV2.IsErrorRetryable(err)
}
