package hyperpodtest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

func (c *conformance) unknown(t *testing.T) {
	_, err := c.api.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: c.name})
	if _, ok := errors.AsType[*types.ResourceNotFound](err); !ok {
		t.Fatalf("cluster %s must not exist: want ResourceNotFound from DescribeCluster, got %v", *c.name, err)
	}
	_, err = c.api.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: c.name})
	if _, ok := errors.AsType[*types.ResourceNotFound](err); !ok {
		t.Errorf("DeleteCluster of an unknown cluster: want ResourceNotFound, got %v", err)
	}
}

func (c *conformance) create(t *testing.T) {
	out, err := c.api.CreateCluster(t.Context(), deep.Copy(c.Spec))
	if err != nil {
		t.Fatalf("CreateCluster: %v", err)
	}
	c.arn = out.ClusterArn
	live := c.until(t, "creation", settled)
	for _, want := range c.Spec.InstanceGroups {
		g := find(live, want.InstanceGroupName)
		switch {
		case g == nil:
			t.Errorf("group %s is missing", aws.ToString(want.InstanceGroupName))
		case aws.ToInt32(g.TargetCount) != aws.ToInt32(want.InstanceCount):
			t.Errorf("group %s: target %d, want %d", *want.InstanceGroupName, aws.ToInt32(g.TargetCount), aws.ToInt32(want.InstanceCount))
		}
	}
	if live.NodeProvisioningMode != c.Spec.NodeProvisioningMode {
		t.Errorf("NodeProvisioningMode %q, want %q", live.NodeProvisioningMode, c.Spec.NodeProvisioningMode)
	}
}

func (c *conformance) names(t *testing.T) {
	id := aws.ToString(c.arn)[strings.LastIndex(aws.ToString(c.arn), "/")+1:]
	if len(id) != 12 || id == *c.name {
		t.Errorf("the ARN %s must end in twelve characters that are not the name", aws.ToString(c.arn))
	}
	byARN, err := c.api.DescribeCluster(t.Context(), &sagemaker.DescribeClusterInput{ClusterName: c.arn})
	if err != nil || aws.ToString(byARN.ClusterName) != *c.name {
		t.Errorf("DescribeCluster by ARN: %v", err)
	}
	pages := sagemaker.NewListClustersPaginator(c.api, &sagemaker.ListClustersInput{NameContains: c.name, MaxResults: aws.Int32(100)})
	listed := false
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("ListClusters: %v", err)
		}
		for _, s := range page.ClusterSummaries {
			listed = listed || aws.ToString(s.ClusterArn) == aws.ToString(c.arn)
		}
	}
	if !listed {
		t.Error("ListClusters does not list the cluster")
	}
}

func (c *conformance) exists(t *testing.T) {
	_, err := c.api.CreateCluster(t.Context(), deep.Copy(c.Spec))
	if _, ok := errors.AsType[*types.ResourceInUse](err); !ok {
		t.Errorf("CreateCluster of a name that is taken: want ResourceInUse, got %v", err)
	}
}

func (c *conformance) nodes(t *testing.T) {
	seen := map[string]bool{}
	pages := sagemaker.NewListClusterNodesPaginator(c.api, &sagemaker.ListClusterNodesInput{ClusterName: c.name, MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("ListClusterNodes: %v", err)
		}
		for _, n := range page.ClusterNodeSummaries {
			id := aws.ToString(n.InstanceId)
			if seen[id] {
				t.Errorf("node %s is listed twice", id)
			}
			seen[id] = true
			details, err := c.api.DescribeClusterNode(t.Context(), &sagemaker.DescribeClusterNodeInput{ClusterName: c.name, NodeId: n.InstanceId})
			if err != nil || aws.ToString(details.NodeDetails.InstanceGroupName) != aws.ToString(n.InstanceGroupName) {
				t.Errorf("DescribeClusterNode %s: %v", id, err)
			}
		}
	}
	want := 0
	for _, g := range c.Spec.InstanceGroups {
		want += int(aws.ToInt32(g.InstanceCount))
	}
	if len(seen) != want {
		t.Errorf("%d nodes are listed, want %d", len(seen), want)
	}
}

// scale sends one group alone: the others must stay.
func (c *conformance) scale(t *testing.T) {
	g := c.first()
	g.InstanceCount = aws.Int32(aws.ToInt32(g.InstanceCount) + 1)
	if _, err := c.api.UpdateCluster(t.Context(), &sagemaker.UpdateClusterInput{ClusterName: c.name, InstanceGroups: []types.ClusterInstanceGroupSpecification{g}}); err != nil {
		t.Fatalf("UpdateCluster: %v", err)
	}
	live := c.until(t, "scaling", func(out *sagemaker.DescribeClusterOutput) bool {
		return settled(out) && aws.ToInt32(find(out, g.InstanceGroupName).CurrentCount) == *g.InstanceCount
	})
	if len(live.InstanceGroups) != len(c.Spec.InstanceGroups) {
		t.Errorf("%d groups after scaling one, want %d", len(live.InstanceGroups), len(c.Spec.InstanceGroups))
	}
}

func (c *conformance) addGroup(t *testing.T) {
	g := c.first()
	g.InstanceGroupName, g.InstanceCount = aws.String("conformance-added"), aws.Int32(0)
	if _, err := c.api.UpdateCluster(t.Context(), &sagemaker.UpdateClusterInput{ClusterName: c.name, InstanceGroups: []types.ClusterInstanceGroupSpecification{g}}); err != nil {
		t.Fatalf("UpdateCluster: %v", err)
	}
	c.until(t, "adding a group", func(out *sagemaker.DescribeClusterOutput) bool {
		return settled(out) && find(out, g.InstanceGroupName) != nil
	})
}

func (c *conformance) refusals(t *testing.T) {
	g := c.first()
	g.InstanceCount = aws.Int32(6759)
	_, err := c.api.UpdateCluster(t.Context(), &sagemaker.UpdateClusterInput{ClusterName: c.name, InstanceGroups: []types.ClusterInstanceGroupSpecification{g}})
	if apiCode(err) != "ValidationException" {
		t.Errorf("a count out of bounds: want ValidationException, got %v", err)
	}
	_, err = c.api.UpdateCluster(t.Context(), &sagemaker.UpdateClusterInput{ClusterName: c.name, InstanceGroupsToDelete: []string{"no-such-group"}})
	if apiCode(err) != "ValidationException" {
		t.Errorf("deleting an unknown group: want ValidationException, got %v", err)
	}
	if !settled(c.describe(t.Context(), t)) {
		t.Error("a refused request changed the cluster")
	}
}

func (c *conformance) roll(t *testing.T) {
	if c.OtherImage == "" {
		t.Skip("Conformance.OtherImage is empty: no image is rolled")
	}
	name := c.Spec.InstanceGroups[0].InstanceGroupName
	_, err := c.api.UpdateClusterSoftware(t.Context(), &sagemaker.UpdateClusterSoftwareInput{
		ClusterName: c.name, ImageId: aws.String(c.OtherImage),
		InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: name}},
	})
	if err != nil {
		t.Fatalf("UpdateClusterSoftware: %v", err)
	}
	live := c.until(t, "rolling the image", func(out *sagemaker.DescribeClusterOutput) bool {
		return settled(out) && find(out, name).SoftwareUpdateStatus == types.SoftwareUpdateStatusSucceeded
	})
	g := find(live, name)
	if live.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous && (aws.ToString(g.CurrentImageId) != c.OtherImage || aws.ToString(g.DesiredImageId) != c.OtherImage) {
		t.Errorf("current image %q, desired %q, want both %q", aws.ToString(g.CurrentImageId), aws.ToString(g.DesiredImageId), c.OtherImage)
	}
	for _, other := range live.InstanceGroups {
		if aws.ToString(other.InstanceGroupName) != *name && other.SoftwareUpdateStatus != "" {
			t.Errorf("group %s was not named and has software update status %s", *other.InstanceGroupName, other.SoftwareUpdateStatus)
		}
	}
}

func (c *conformance) deleteGroup(t *testing.T) {
	name := aws.String("conformance-added")
	if _, err := c.api.UpdateCluster(t.Context(), &sagemaker.UpdateClusterInput{ClusterName: c.name, InstanceGroupsToDelete: []string{*name}}); err != nil {
		t.Fatalf("UpdateCluster: %v", err)
	}
	c.until(t, "deleting a group", func(out *sagemaker.DescribeClusterOutput) bool { return settled(out) && find(out, name) == nil })
}

// cleanUp deletes the cluster when the run ended before its own deletion.
func (c *conformance) cleanUp(t *testing.T) {
	if c.arn != nil && !c.gone {
		c.delete(t)
	}
}

func (c *conformance) delete(t *testing.T) {
	// The test's own context may have ended; the cluster must go in any case.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), c.Timeout)
	defer cancel()
	if _, err := c.api.DeleteCluster(ctx, &sagemaker.DeleteClusterInput{ClusterName: c.arn}); err != nil {
		t.Fatalf("cluster %s (%s) was not deleted: %v", *c.name, aws.ToString(c.arn), err)
	}
	for {
		_, err := c.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: c.arn})
		if _, gone := errors.AsType[*types.ResourceNotFound](err); gone {
			c.gone = true
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("cluster %s (%s) is not gone within %s: %v", *c.name, aws.ToString(c.arn), c.Timeout, err)
		case <-time.After(c.Interval):
		}
	}
}
