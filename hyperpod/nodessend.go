package hyperpod

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// The three operations on chosen nodes answer alike, under names of their own.

func sendDelete(ctx context.Context, api API, cluster string, ids, logicalIDs []string) (nodeAnswer, error) {
	out, err := api.BatchDeleteClusterNodes(ctx, &sagemaker.BatchDeleteClusterNodesInput{ClusterName: aws.String(cluster), NodeIds: ids, NodeLogicalIds: logicalIDs})
	if err != nil {
		return nodeAnswer{}, err
	}
	a := nodeAnswer{succeeded: slices.Concat(out.Successful, out.SuccessfulNodeLogicalIds)}
	for _, f := range out.Failed {
		a.fail(f.NodeId, string(f.Code), f.Message)
	}
	for _, f := range out.FailedNodeLogicalIds {
		a.fail(f.NodeLogicalId, string(f.Code), f.Message)
	}
	return a, nil
}

func sendReplace(ctx context.Context, api API, cluster string, ids, logicalIDs []string) (nodeAnswer, error) {
	out, err := api.BatchReplaceClusterNodes(ctx, &sagemaker.BatchReplaceClusterNodesInput{ClusterName: aws.String(cluster), NodeIds: ids, NodeLogicalIds: logicalIDs})
	if err != nil {
		return nodeAnswer{}, err
	}
	a := nodeAnswer{succeeded: slices.Concat(out.Successful, out.SuccessfulNodeLogicalIds)}
	for _, f := range out.Failed {
		a.fail(f.NodeId, string(f.ErrorCode), f.Message)
	}
	for _, f := range out.FailedNodeLogicalIds {
		a.fail(f.NodeLogicalId, string(f.ErrorCode), f.Message)
	}
	return a, nil
}

func sendReboot(ctx context.Context, api API, cluster string, ids, logicalIDs []string) (nodeAnswer, error) {
	out, err := api.BatchRebootClusterNodes(ctx, &sagemaker.BatchRebootClusterNodesInput{ClusterName: aws.String(cluster), NodeIds: ids, NodeLogicalIds: logicalIDs})
	if err != nil {
		return nodeAnswer{}, err
	}
	a := nodeAnswer{succeeded: slices.Concat(out.Successful, out.SuccessfulNodeLogicalIds)}
	for _, f := range out.Failed {
		a.fail(f.NodeId, string(f.ErrorCode), f.Message)
	}
	for _, f := range out.FailedNodeLogicalIds {
		a.fail(f.NodeLogicalId, string(f.ErrorCode), f.Message)
	}
	return a, nil
}
