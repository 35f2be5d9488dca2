package hyperpodtest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

func (s *Server) deleteCluster(r request, in *sagemaker.DeleteClusterInput) (outcome[sagemaker.DeleteClusterOutput], error) {
	c, err := r.find(in.ClusterName)
	if err != nil {
		return outcome[sagemaker.DeleteClusterOutput]{}, err
	}
	if c.status != types.ClusterStatusInservice && c.status != types.ClusterStatusFailed {
		return outcome[sagemaker.DeleteClusterOutput]{}, conflict("Cluster %s is in status %s; it cannot be deleted now.", c.name, c.status)
	}
	pretend := func() *sagemaker.DeleteClusterOutput {
		return &sagemaker.DeleteClusterOutput{ClusterArn: aws.String(c.arn)}
	}
	return outcome[sagemaker.DeleteClusterOutput]{pretend: pretend, apply: func() *sagemaker.DeleteClusterOutput {
		c.delete(r.now)
		return pretend()
	}}, nil
}

func (c *cluster) delete(now time.Time) {
	c.status, c.failure = types.ClusterStatusDeleting, ""
	c.say(now, info, "", "Cluster %s Delete started successfully", c.name)
	name := c.fullName()
	c.starting = true
	if fails := c.server.failedDeletions[name]; len(fails) > 0 {
		c.server.failedDeletions[name] = fails[1:]
		c.deleteInPart(now, fails[0])
	} else {
		c.settle = func(now time.Time) {
			c.server.timeline.schedule(now.Add(c.server.options.Durations.ClusterTeardown), func(time.Time) { c.gone() })
		}
		for _, g := range c.groups {
			g.remove(now)
		}
	}
	c.starting = false
	c.check(now)
}

// failedDeletion is how a deletion is to end before the cluster is gone.
type failedDeletion struct {
	left int // nodes
	ends types.ClusterStatus
}

// deleteInPart ends all nodes but the newest ones, and then the deletion. Groups that
// have nodes left have them for their targets.
func (c *cluster) deleteInPart(now time.Time, fails failedDeletion) {
	const message = "Failed to delete the network interfaces of the cluster: Rate exceeded"
	all := slices.DeleteFunc(c.nodes(), func(n *node) bool { return n.status == types.ClusterInstanceStatusShuttingDown })
	left := all[max(0, len(all)-fails.left):]
	for _, g := range slices.Clone(c.groups) {
		if !slices.ContainsFunc(left, func(n *node) bool { return n.group == g }) {
			g.remove(now)
			continue
		}
		for _, n := range g.nodes {
			if n.status != types.ClusterInstanceStatusShuttingDown && !slices.Contains(left, n) {
				g.lower()
				n.stop(now)
			}
		}
	}
	d := c.server.options.Durations
	c.server.timeline.schedule(now.Add(d.NodeStop+d.ClusterTeardown), func(now time.Time) {
		c.status, c.failure = fails.ends, message
		for _, n := range left {
			n.say(now, failure, message, "Failed to delete Customer ENI for EC2 Instance %s in Cluster %s and IG %s", n.instanceID, c.name, n.group.name())
		}
		c.check(now)
	})
}

func (c *cluster) gone() {
	same := func(x *cluster) bool { return x == c }
	c.own.clusters, c.own.sorted = slices.DeleteFunc(c.own.clusters, same), slices.DeleteFunc(c.own.sorted, same)
	delete(c.own.byName, c.name)
	delete(c.own.byARN, c.arn)
	if c.isEKS() {
		delete(c.server.eksOwners, *c.orchestrator.Eks.ClusterArn)
	}
}
