package hyperpodtest

import "time"

// Options configure a [Server]. The zero value of each member is usable.
type Options struct {
	// Account is the account that typed and unsigned calls act for, as its root.
	// Empty means 111122223333. A signed request acts for the account whose id is
	// its access key, or for this one when the key is no account id.
	Account string

	// Region is where typed and unsigned calls go. Empty means us-west-2. A signed
	// request goes to the Region of its credential scope.
	Region string

	// ServiceAccount is the account of the service that custom AMIs are shared
	// with. The real one is not published. Empty means 999988887777.
	ServiceAccount string

	// Images is EC2 as the service sees it. When nil every custom AMI id is taken
	// as it is, without a check and without sharing.
	Images Images

	// Durations say how long operations take. The zero value completes each by the
	// next request; [Realistic] sets the times seen on AWS.
	Durations Durations

	// Speed makes emulated time run this many times faster than real time. Zero
	// means 1.
	Speed float64

	// ReleaseVersion is the newest release of HyperPod's own AMIs. Empty means
	// 1.4.0.
	ReleaseVersion string

	// StrictRoles refuses execution roles of another account than the caller's.
	// The AWS page's own examples mix accounts, so the default accepts them.
	StrictRoles bool

	// NoForwardKeys leaves the keys of forward access sessions (aws:CalledVia and its
	// kin, aws:ViaAWSService) out of the calls that the service makes with the caller's
	// rights. That the real service sends them is an assumption.
	NoForwardKeys bool

	// RollbackEndsFailed makes a software update that was rolled back cleanly end as
	// Failed instead of RollbackComplete, as it was seen on live clusters.
	RollbackEndsFailed bool

	// RequireGrant makes a node fail to launch once the AMI of its group is no longer
	// shared with the service. It needs Images.
	RequireGrant bool

	// AllowImageChange accepts another ImageId for a group that exists in
	// UpdateCluster, and starts new nodes with it. AWS does not say what the service
	// does; by default it is refused.
	AllowImageChange bool

	// StrictUpdates refuses an update that leaves out any of a group's immutable
	// members, as is known of OverrideVpcConfig.
	StrictUpdates bool

	// ListLag is for how long ListClusterNodes shows what was true before. Describe
	// shows what is.
	ListLag time.Duration

	// MaxInstances bounds the instances of a cluster, as the account's quota does:
	// requests beyond it get ResourceLimitExceeded. Zero means no bound.
	MaxInstances int

	// MaxCalls is how many calls are kept for [Server.Calls], the newest. Zero
	// keeps all.
	MaxCalls int
}

// Durations say how long operations take, in emulated time. Zero is "done by the
// next request".
type Durations struct {
	// ClusterSetup is from CreateCluster until the first node is asked for.
	ClusterSetup time.Duration
	// NodeStart is from asking for a node until it runs, its lifecycle script included.
	NodeStart time.Duration
	// NodeStagger is added for each further node of a group that starts in the same
	// operation.
	NodeStagger time.Duration
	// NodeStop is from the order to end a node until it is gone.
	NodeStop time.Duration
	// NodeReboot is the restart of a node.
	NodeReboot time.Duration
	// NodeRetry is after how long a Continuous cluster replaces a node that has failed,
	// or asks again for an instance where there was no capacity. Zero leaves such nodes
	// as they are.
	NodeRetry time.Duration
	// DeepHealthCheck is the check that new nodes of some groups undergo.
	DeepHealthCheck time.Duration
	// SoftwareStart is from the request of a software update until it is Pending, and
	// again until it is InProgress.
	SoftwareStart time.Duration
	// NodeReplace is the replacement of a node's root volume in a software update,
	// until the node runs again.
	NodeReplace time.Duration
	// LifecycleRetries is added to a start or replacement whose lifecycle script
	// fails: the service tries again before it gives up.
	LifecycleRetries time.Duration
	// Rollback is how long a failed creation or update takes to be undone.
	Rollback time.Duration
	// ClusterTeardown is from the end of the last node until the cluster is gone.
	ClusterTeardown time.Duration
}

// Realistic makes operations take the time they take on AWS: creations about 15
// minutes, scaling 10 to 20, software updates 45 and more. The figures are from
// public field notes, not from AWS. Use it as an option of [NewServer], with Speed
// or inside a testing/synctest bubble.
func Realistic(o *Options) {
	o.Durations = Durations{
		ClusterSetup:     5 * time.Minute,
		NodeStart:        10 * time.Minute,
		NodeStagger:      20 * time.Second,
		NodeStop:         8 * time.Minute,
		NodeReboot:       2 * time.Minute,
		NodeRetry:        5 * time.Minute,
		DeepHealthCheck:  2 * time.Hour,
		SoftwareStart:    30 * time.Second,
		NodeReplace:      25 * time.Minute,
		LifecycleRetries: 18 * time.Minute,
		Rollback:         10 * time.Minute,
		ClusterTeardown:  4 * time.Minute,
	}
}

func (o *Options) setDefaults() {
	setDefault(&o.Account, "111122223333")
	setDefault(&o.Region, "us-west-2")
	setDefault(&o.ServiceAccount, "999988887777")
	setDefault(&o.ReleaseVersion, "1.4.0")
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}
