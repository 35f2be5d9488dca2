package rollout

import (
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Version is the version of the format of [State] and [Entry]. A state of another
// version is refused.
const Version = 1

// State is all that is known of a rollout. It is plain data, made by [Executor.Plan],
// changed by [State.Apply] alone, and can be kept as JSON.
type State struct {
	// Version is that of the format; see the constant [Version].
	Version int `json:"version"`
	// Name and Settings are the spec's.
	Name     string   `json:"name,omitempty"`
	Settings Settings `json:"settings"`
	// Waves and Targets are in the order in which they are begun.
	Waves   []Wave        `json:"waves"`
	Targets []TargetState `json:"targets"`

	// Began and Ended bound the rollout. Zero before.
	Began time.Time `json:"began,omitzero"`
	Ended time.Time `json:"ended,omitzero"`
	// Paused says that nothing new is begun.
	Paused bool `json:"paused,omitempty"`
	// Aborted is the response that an abort has asked for, empty when there was none.
	Aborted Response `json:"aborted,omitempty"`
	// Timeline is what happened to the rollout as a whole, in order.
	Timeline []Moment `json:"timeline,omitempty"`

	// Now is the time by the engine's clock. The engine sets it before it asks [Next]; it
	// is no part of what is kept.
	Now time.Time `json:"now,omitzero"`
}

// Settings are what a [Spec] says for all targets.
type Settings struct {
	// Strategies are those of the spec and of its targets, which name them by index.
	Strategies []Strategy `json:"strategies"`
	// Budget, OnFailure, Limits, Windows and WaitBusy are the members of [Spec].
	Budget    Budget        `json:"budget,omitzero"`
	OnFailure Response      `json:"onFailure"`
	Limits    Limits        `json:"limits,omitzero"`
	Windows   []Window      `json:"windows,omitempty"`
	WaitBusy  time.Duration `json:"waitBusy,omitempty"`
	// Before, After, Drain and Gate say that the executor has the hook or gate.
	Before bool `json:"before,omitempty"`
	After  bool `json:"after,omitempty"`
	Drain  bool `json:"drain,omitempty"`
	Gate   bool `json:"gate,omitempty"`
}

// Wave is a set of targets that are done before the next wave begins.
type Wave struct {
	// Name is as its [Division] gave it.
	Name string `json:"name"`
	// Bake is how long nothing is done after the last target of the wave.
	Bake time.Duration `json:"bake,omitempty"`
	// Approval says that the wave begins only once it was approved.
	Approval bool `json:"approval,omitempty"`

	// Approved, Began, Rolled and Ended are when the wave was approved, when its first
	// target began, when its last one was rolled or given up, and when it had baked and
	// passed its gates. Zero before.
	Approved time.Time `json:"approved,omitzero"`
	Began    time.Time `json:"began,omitzero"`
	Rolled   time.Time `json:"rolled,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
}

// Phase is where a target stands.
type Phase string

const (
	// PhaseWaiting means that the target has not begun.
	PhaseWaiting Phase = "waiting"
	// PhaseActive means that it is being worked on.
	PhaseActive Phase = "active"
	// PhaseRolled means that it runs the image and has passed its gate.
	PhaseRolled Phase = "rolled"
	// PhaseCurrent means that there was nothing to do: its groups ran the image already.
	PhaseCurrent Phase = "current"
	// PhaseFailed means that it failed and was left as it is.
	PhaseFailed Phase = "failed"
	// PhaseUnknown means that the outcome of a request is not known and cannot be told
	// from the cluster: somebody has to look and give an [Answer].
	PhaseUnknown Phase = "unknown"
	// PhaseTakenBack means that its groups run again what they ran before.
	PhaseTakenBack Phase = "taken back"
	// PhaseStuck means that it was to be taken back and could not be.
	PhaseStuck Phase = "not taken back"
)

// Program is a sequence of steps on a target.
type Program string

const (
	// Forward brings the target onto the image.
	Forward Program = "forward"
	// Confirm asks the gate once more after the wave has baked.
	Confirm Program = "confirm"
	// Leave ends what the hook before has begun, after a failure.
	Leave Program = "leave"
	// Back takes the target back.
	Back Program = "back"
)

// TargetState is a target and where it stands.
type TargetState struct {
	// Account and Region are where the cluster is.
	Account string `json:"account"`
	Region  string `json:"region"`
	// Cluster is the name or ARN as it was given, ARN the ARN once known.
	Cluster string `json:"cluster"`
	ARN     string `json:"arn,omitempty"`
	// Wave and Strategy are indices in the state.
	Wave     int `json:"wave"`
	Strategy int `json:"strategy,omitempty"`
	// Windows are the target's own. Nil means those of the settings.
	Windows []Window `json:"windows,omitempty"`
	// Groups are the regular groups that are to run an image, in order.
	Groups []GroupState `json:"groups"`

	// Phase is where the target stands, Program what is run on it, or was last; empty before.
	Phase   Phase   `json:"phase"`
	Program Program `json:"program,omitempty"`
	// Op is the place in the program of the step that is next, or under way.
	Op int `json:"op,omitempty"`
	// Detour is a step that comes before it: StepFind when nobody knows whether the
	// change at Op was made, StepCheck when it was not.
	Detour StepKind `json:"detour,omitempty"`
	// Running says that a step is under way.
	Running bool `json:"running,omitempty"`
	// Requested is when the last change was sent.
	Requested time.Time `json:"requested,omitzero"`
	// Busy is since when another operation is in the way, NotBefore when to try again.
	Busy      time.Time `json:"busy,omitzero"`
	NotBefore time.Time `json:"notBefore,omitzero"`
	// Out is how many nodes may be out, by what was sent and has not been seen to end.
	Out int32 `json:"out,omitempty"`
	// Touched says that something was sent, Hooked that the hook before has run and the
	// one after has not.
	Touched bool `json:"touched,omitempty"`
	Hooked  bool `json:"hooked,omitempty"`
	// Failed says that the target counts as a failure, also after it was taken back.
	Failed bool `json:"failed,omitempty"`
	// Stuck says that the target could not be taken back, also before the hook after has
	// run.
	Stuck bool `json:"stuck,omitempty"`
	// Reason says why the target failed or could not be taken back.
	Reason string `json:"reason,omitempty"`
	// Question says what is not known while the target is [PhaseUnknown].
	Question string `json:"question,omitempty"`
	// Confirmed says that the gate was passed after the bake.
	Confirmed bool `json:"confirmed,omitempty"`

	// Began is when the target began, Rolled when it ran the image and had passed its gate
	// for the first time, Ended when its last program ended. Zero before.
	Began  time.Time `json:"began,omitzero"`
	Rolled time.Time `json:"rolled,omitzero"`
	Ended  time.Time `json:"ended,omitzero"`
}

// GroupState is an instance group of a target.
type GroupState struct {
	// RollGroup is the group as it was before.
	hyperpod.RollGroup
	// Image is what it is to run.
	Image hyperpod.Image `json:"image"`
	// Skip says that the group runs the image already.
	Skip bool `json:"skip,omitempty"`
	// Sent says that the change of the group was sent.
	Sent bool `json:"sent,omitempty"`
	// Undo is the group as it was before it is taken back. Nil when it is not to be.
	Undo *hyperpod.RollGroup `json:"undo,omitempty"`
	// New is the name of the group that replaces it. Empty in place.
	New string `json:"new,omitempty"`
	// Outcome is how the group came out so far, in the words of [hyperpod.GroupOutcome], or
	// "replaced" by New, "gone", or "not taken back"; Detail is what more there is to say.
	Outcome string `json:"outcome,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// The outcomes that package hyperpod does not have.
const (
	outcomeReplaced = "replaced"
	outcomeGone     = "gone"
	outcomeStays    = "not taken back"
)

// Moment is one thing that happened to the rollout as a whole.
type Moment struct {
	// Time is when, by the engine's clock.
	Time time.Time `json:"time"`
	// Text says what, for people.
	Text string `json:"text"`
}
