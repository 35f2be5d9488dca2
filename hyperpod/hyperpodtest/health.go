package hyperpodtest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// startClusterHealthCheck puts chosen nodes, or all of a group, through deep health
// checks. They always pass here.
func (s *Server) startClusterHealthCheck(r request, in *sagemaker.StartClusterHealthCheckInput) (outcome[sagemaker.StartClusterHealthCheckOutput], error) {
	none := outcome[sagemaker.StartClusterHealthCheckOutput]{}
	c, err := r.find(in.ClusterName)
	if err != nil {
		return none, err
	}
	if c.status != types.ClusterStatusInservice {
		return none, conflict("Cluster %s is in status %s; its nodes cannot be checked now.", c.name, c.status)
	}
	var nodes []*node
	for _, config := range in.DeepHealthCheckConfigurations {
		g := c.group(*config.InstanceGroupName)
		if g == nil {
			return none, invalid("Instance group %s does not exist in cluster %s.", *config.InstanceGroupName, c.name)
		}
		for _, id := range config.InstanceIds {
			if !slices.ContainsFunc(g.nodes, func(n *node) bool { return n.instanceID == id }) {
				return none, invalid("Instance %s does not exist in instance group %s.", id, g.name())
			}
		}
		for _, n := range g.nodes {
			if len(config.InstanceIds) == 0 || slices.Contains(config.InstanceIds, n.instanceID) {
				nodes = append(nodes, n)
			}
		}
	}
	pretend := func() *sagemaker.StartClusterHealthCheckOutput {
		return &sagemaker.StartClusterHealthCheckOutput{ClusterArn: aws.String(c.arn)}
	}
	return outcome[sagemaker.StartClusterHealthCheckOutput]{pretend: pretend, apply: func() *sagemaker.StartClusterHealthCheckOutput {
		for _, n := range nodes {
			if n.status == types.ClusterInstanceStatusRunning {
				n.checkHealth(r.now)
			}
		}
		return pretend()
	}}, nil
}

// checkingHealth tells whether nodes are being checked, which blocks updates.
func (c *cluster) checkingHealth() bool {
	return slices.ContainsFunc(c.groups, func(g *group) bool {
		return g.counts[types.ClusterInstanceStatusDeepHealthCheckInProgress] > 0
	})
}
