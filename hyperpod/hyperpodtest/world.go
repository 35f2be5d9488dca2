package hyperpodtest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// world is what lies outside the service and makes its operations fail: scripts,
// capacity, alarms, budgets, permissions. The zero value lets everything succeed.
type world struct {
	lifecycleFailure map[string]string                 // message by image
	capacity         map[types.ClusterInstanceType]int // instances there are; absent is enough
	instances        map[types.ClusterInstanceType]int // instances in use
	alarms           map[string]bool                   // those that fire
	budgets          map[string]int                    // protected nodes by cluster and group
	teardownFailure  map[string]string                 // message by cluster name
	lostGrants       map[string]bool                   // images that the service may no longer launch
}

func newWorld() world {
	return world{
		lifecycleFailure: map[string]string{},
		capacity:         map[types.ClusterInstanceType]int{},
		instances:        map[types.ClusterInstanceType]int{},
		alarms:           map[string]bool{},
		budgets:          map[string]int{},
		teardownFailure:  map[string]string{},
		lostGrants:       map[string]bool{},
	}
}

// change applies what was due until now and then changes the world.
func (s *Server) change(edit func(now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	s.timeline.advance(now)
	edit(now)
}

// FailLifecycle makes the lifecycle script fail on every node that starts with, or
// is updated to, an image from now on. message is what the node then says; empty
// stands for a text like the service's. The image "default" may be named too.
func (s *Server) FailLifecycle(imageID, message string) {
	if message == "" {
		message = "Lifecycle scripts did not run successfully. Check the lifecycle script logs in the CloudWatch log group of the cluster."
	}
	s.change(func(time.Time) { s.lifecycleFailure[imageID] = message })
}

// MendLifecycle ends what FailLifecycle began.
func (s *Server) MendLifecycle(imageID string) {
	s.change(func(time.Time) { delete(s.lifecycleFailure, imageID) })
}

// SetCapacity says how many instances of a type there are, those in use included.
// A negative number means enough. Nodes of Continuous clusters that wait for an
// instance get what becomes available.
func (s *Server) SetCapacity(instanceType types.ClusterInstanceType, count int) {
	s.change(func(now time.Time) {
		if count < 0 {
			delete(s.capacity, instanceType)
		} else {
			s.capacity[instanceType] = count
		}
		for _, own := range s.accounts {
			for _, c := range own.clusters {
				c.retryWaiting(now, instanceType)
			}
		}
	})
}

func (c *cluster) retryWaiting(now time.Time, instanceType types.ClusterInstanceType) {
	for _, g := range c.groups {
		if g.instanceType() != instanceType {
			continue
		}
		for _, n := range g.nodes {
			if n.status == types.ClusterInstanceStatusPending && n.instanceID == "" && n.message != "" {
				n.allocate(now)
			}
		}
	}
}

// cannotLaunch says why a node gets no instance, and whether asking again is in vain.
func (s *Server) cannotLaunch(n *node) (problem string, permanent bool) {
	if s.lostGrants[n.image] {
		return "The image " + n.image + " is not shared with the service.", true
	}
	instanceType := n.group.instanceType()
	if there, limited := s.capacity[instanceType]; limited && s.instances[instanceType] >= there {
		return "We currently do not have sufficient capacity to launch new " + string(instanceType) + " instances. Please try again.", false
	}
	return "", false
}

// SetAlarm makes a CloudWatch alarm fire, or end firing. Software updates that watch
// it are rolled back while they wait after a batch.
func (s *Server) SetAlarm(name string, firing bool) {
	s.change(func(now time.Time) {
		s.alarms[name] = firing
		for _, own := range s.accounts {
			for _, c := range own.clusters {
				for _, g := range c.groups {
					g.watchAlarms(now)
				}
			}
		}
	})
}

// SetDisruptionBudget says how many nodes of a group cannot be drained, for a
// PodDisruptionBudget of the cluster's own: a rolling update skips them and ends
// without them. Zero protects none.
func (s *Server) SetDisruptionBudget(clusterName, groupName string, protected int) {
	s.change(func(time.Time) { s.budgets[clusterName+"/"+groupName] = protected })
}

// FailTeardown makes the nodes of a cluster unable to end, as when the execution role
// went before the cluster did: what is being deleted hangs until MendTeardown. message
// is what the nodes then say; empty stands for a text like the service's.
func (s *Server) FailTeardown(clusterName, message string) {
	if message == "" {
		message = "The execution role does not have permission to perform ec2:DeleteNetworkInterface."
	}
	s.change(func(time.Time) { s.teardownFailure[clusterName] = message })
}

// MendTeardown ends what FailTeardown began.
func (s *Server) MendTeardown(clusterName string) {
	s.change(func(now time.Time) {
		delete(s.teardownFailure, clusterName)
		for _, own := range s.accounts {
			if c := own.byName[clusterName]; c != nil {
				c.endStopped(now)
			}
		}
	})
}

func (c *cluster) endStopped(now time.Time) {
	for _, g := range c.groups {
		for _, n := range g.nodes {
			if n.status == types.ClusterInstanceStatusShuttingDown && n.message != "" {
				n.then(now, 0, n.end)
			}
		}
	}
}

// PublishRelease makes a version the newest release of HyperPod's own images. Groups on
// an older one then have an update available.
func (s *Server) PublishRelease(version string) {
	s.change(func(time.Time) { s.options.ReleaseVersion = version })
}
