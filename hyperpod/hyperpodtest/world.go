package hyperpodtest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// world is what lies outside the service and makes its operations fail: scripts,
// capacity, alarms, budgets, permissions. The zero value lets everything succeed.
type world struct {
	lifecycleFailure map[string]string                 // message by image
	capacity         map[types.ClusterInstanceType]int // instances there are; absent is enough
	instances        map[types.ClusterInstanceType]int // instances in use
	alarms           map[string]bool                   // those that fire
	budgets          map[groupName]int                 // protected nodes
	teardownFailure  map[clusterName]string            // message
	failedDeletions  map[clusterName][]failedDeletion  // to come, in order
	lostGrants       map[grant]bool                    // those that a request has found taken away
	watchedGrants    map[grant]bool                    // those that are taken away now
	publicImages     map[regional]bool                 // HyperPod's own that were looked at
}

// clusterName is a name where it means one cluster, that may not exist yet.
type clusterName struct {
	emul.Identity
	name string
}

type groupName struct {
	clusterName
	group string
}

func (c *cluster) fullName() clusterName { return clusterName{c.own.id, c.name} }

// fullName is the name of the cluster that a name in the account and Region of the
// server's principal stands for, or an ARN of any. The lock is held.
func (s *Server) fullName(nameOrARN string) clusterName {
	for _, own := range s.known {
		if c := own.byARN[nameOrARN]; c != nil {
			return c.fullName()
		}
	}
	return clusterName{s.acting.Identity(), nameOrARN}
}

func newWorld() world {
	return world{
		lifecycleFailure: map[string]string{},
		capacity:         map[types.ClusterInstanceType]int{},
		instances:        map[types.ClusterInstanceType]int{},
		alarms:           map[string]bool{},
		budgets:          map[groupName]int{},
		teardownFailure:  map[clusterName]string{},
		failedDeletions:  map[clusterName][]failedDeletion{},
		lostGrants:       map[grant]bool{},
		watchedGrants:    map[grant]bool{},
		publicImages:     map[regional]bool{},
	}
}

// change applies what was due until now and then changes the world.
func (s *Server) change(edit func(now time.Time)) {
	s.watchGrants(noContext())
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
		for _, own := range s.known {
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
	if s.lacksGrant(n) {
		return "The image " + n.image + " is not shared with the service.", true
	}
	instanceType := n.group.instanceType()
	if there, limited := s.capacity[instanceType]; limited && s.instances[instanceType] >= there {
		return "We currently do not have sufficient capacity to launch new " + string(instanceType) + " instances. Please try again.", false
	}
	return "", false
}

// SetAlarm makes a CloudWatch alarm fire, or end firing. Software updates that watch
// it are rolled back while they wait after a batch. The alarms of a name are one in all
// accounts and Regions.
func (s *Server) SetAlarm(name string, firing bool) {
	s.change(func(now time.Time) { s.setAlarm(now, name, firing) })
}

// SetAlarmAt is SetAlarm for an emulated time to come, such as Now plus an hour: the
// alarm stays as it is until then. A time that is not to come means now.
func (s *Server) SetAlarmAt(at time.Time, name string, firing bool) {
	s.change(func(now time.Time) {
		if !at.After(now) {
			s.setAlarm(now, name, firing)
			return
		}
		s.timeline.schedule(at, func(now time.Time) { s.setAlarm(now, name, firing) })
	})
}

func (s *Server) setAlarm(now time.Time, name string, firing bool) {
	s.alarms[name] = firing
	for _, own := range s.known {
		for _, c := range own.clusters {
			for _, g := range c.groups {
				g.watchAlarms(now)
			}
		}
	}
}

// SetDisruptionBudget says how many nodes of a group cannot be drained, for a
// PodDisruptionBudget of the cluster's own: a rolling update skips them and ends
// without them. Zero protects none. The cluster is given by its ARN, or by its name in
// the account and Region that the server acts for; it need not exist by that name yet.
func (s *Server) SetDisruptionBudget(cluster, group string, protected int) {
	s.change(func(time.Time) { s.budgets[groupName{s.fullName(cluster), group}] = protected })
}

// FailTeardown makes the nodes of a cluster unable to end, as when the execution role
// went before the cluster did: what is being deleted hangs until MendTeardown. message
// is what the nodes then say; empty stands for a text like the service's. The cluster
// is given as to SetDisruptionBudget.
func (s *Server) FailTeardown(cluster, message string) {
	if message == "" {
		message = "The execution role does not have permission to perform ec2:DeleteNetworkInterface."
	}
	s.change(func(time.Time) { s.teardownFailure[s.fullName(cluster)] = message })
}

// FailDeletion makes the next deletion of a cluster that has not failed yet end with so
// many nodes left, the newest, and with the cluster Failed, or InService again, as was seen
// of large clusters whose network interfaces could not be deleted fast enough. Each call
// is about one deletion more; asking for the deletion again then goes on with what is
// left. The cluster is given as to SetDisruptionBudget.
func (s *Server) FailDeletion(cluster string, left int, ends types.ClusterStatus) {
	s.change(func(time.Time) {
		if ends != types.ClusterStatusInservice {
			ends = types.ClusterStatusFailed
		}
		name := s.fullName(cluster)
		s.failedDeletions[name] = append(s.failedDeletions[name], failedDeletion{max(0, left), ends})
	})
}

// MendTeardown ends what FailTeardown began.
func (s *Server) MendTeardown(cluster string) {
	s.change(func(now time.Time) {
		name := s.fullName(cluster)
		delete(s.teardownFailure, name)
		if own := s.accounts[name.Identity]; own != nil && own.byName[name.name] != nil {
			own.byName[name.name].endStopped(now)
		}
	})
}

// endStopped ends the nodes that could not end when their time had come.
func (c *cluster) endStopped(now time.Time) {
	for _, g := range c.groups {
		for _, n := range g.nodes {
			if n.stuck {
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
