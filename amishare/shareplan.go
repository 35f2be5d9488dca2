package amishare

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/hyperpodkit/hyperpodkit"
)

// ShareAction is one of the jobs of a [Sharer].
type ShareAction string

// The jobs of a [Sharer].
const (
	ActionShare     ShareAction = "share"
	ActionRevoke    ShareAction = "revoke"
	ActionReconcile ShareAction = "reconcile"
)

// SharePlan is what a [Sharer] would do. It prints as a diff, marshals to JSON and
// back, and is done by [Sharer.Apply].
type SharePlan struct {
	// Action is the method that it was made for.
	Action ShareAction
	// Image is the AMI's id, Name its name and Owner its account.
	Image, Name, Owner string
	// Grants are what was asked for.
	Grants Grants
	// Changes are the writes in their order. Empty when everything is as asked.
	Changes []GrantChange
	// Kept are the grants that a Reconcile found and that nobody asked for.
	Kept []Grant
	// Findings are what should be known before: warnings, and what could not be seen.
	Findings []hyperpodkit.Finding
}

// Grant is one permission on an AMI or a snapshot.
type Grant struct {
	// Resource is the id of the AMI or the snapshot.
	Resource string
	// Principal is whose permission it is.
	Principal Principal
}

// GrantChange is one write: principals that are added to a resource or removed from
// it, never both.
type GrantChange struct {
	// Resource is the id of the AMI or the snapshot.
	Resource string
	// Add and Remove are whose permissions are made and taken away. One of them is empty.
	Add, Remove Principals
	// State is what became of the write. In a plan it is [ChangeNotMade].
	State ChangeState
}

// inverse is the write that takes this one back.
func (c GrantChange) inverse() GrantChange {
	return GrantChange{Resource: c.Resource, Add: c.Remove, Remove: c.Add}
}

// made reports whether a resource with these grants shows the change in full.
func (c GrantChange) made(now Principals) bool {
	_, lacking := c.Add.split(now)
	left, _ := c.Remove.split(now)
	return len(lacking) == 0 && len(left) == 0
}

func sameChanges(a, b []GrantChange) bool {
	return slices.EqualFunc(a, b, func(a, b GrantChange) bool {
		return a.Resource == b.Resource && slices.Equal(a.Add, b.Add) && slices.Equal(a.Remove, b.Remove)
	})
}

// maxModifications is how many principals one ModifySnapshotAttribute takes (EC2 API
// Reference). For AMIs no limit is given, and the same is kept.
const maxModifications = 500

// maxPrincipals is how many principals an AMI may be shared with in a Region, an
// organization counting as one (EC2 User Guide, "AMI quotas").
const maxPrincipals = 1000

// plan looks and judges. What it returns is never nil, and tells which AMI and what
// was asked in any case.
func (s *Sharer) plan(ctx context.Context, action ShareAction, image string, grants Grants) (*SharePlan, error) {
	plan := &SharePlan{
		Action: action, Image: image,
		Grants: Grants{Wanted: slices.Clone(grants.Wanted), Prune: slices.Clone(grants.Prune)},
	}
	if err := s.checkAsked(plan); err != nil {
		return plan, err
	}
	found, err := lookUnit(ctx, s.api, image)
	if err != nil {
		return plan, err
	}
	plan.Name, plan.Owner = aws.ToString(found.image.Name), aws.ToString(found.image.OwnerId)
	if err := s.judge(plan, found); err != nil {
		return plan, err
	}
	if err := s.addChanges(ctx, plan, found.ids()); err != nil {
		return plan, err
	}
	return plan, s.checkUnused(ctx, plan)
}

// addChanges compares what was asked with what there is. The ids are those of the AMI
// and of its snapshots.
func (s *Sharer) addChanges(ctx context.Context, plan *SharePlan, ids []string) error {
	var adds, removes []GrantChange
	for i, id := range ids {
		now, err := s.read(ctx, id)
		if err != nil {
			return &ImageError{Image: plan.Image, Resource: id, Err: service(err)}
		}
		wanted := plan.Grants.Wanted.sorted()
		if i > 0 {
			wanted = wanted.forSnapshots()
		}
		_, lacking := wanted.split(now)
		pruned, others := now.split(plan.Grants.Prune)
		if i == 0 && len(lacking) > 0 && len(now)+len(lacking) > maxPrincipals {
			return &ImageError{Image: plan.Image, Resource: id, Err: fmt.Errorf("%w: %d now, %d to be added", ErrQuota, len(now), len(lacking))}
		}
		for part := range slices.Chunk(lacking, maxModifications) {
			adds = append(adds, GrantChange{Resource: id, Add: slices.Clone(part)})
		}
		for part := range slices.Chunk(pruned, maxModifications) {
			removes = append(removes, GrantChange{Resource: id, Remove: slices.Clone(part)})
		}
		if plan.Action == ActionReconcile {
			_, kept := others.split(wanted)
			for _, p := range kept {
				plan.Kept = append(plan.Kept, Grant{id, p})
			}
		}
	}
	// The AMI's come first. It is shared last and withdrawn first.
	slices.SortStableFunc(adds, func(a, b GrantChange) int { return imageLast(a) - imageLast(b) })
	plan.Changes = slices.Concat(adds, removes)
	return nil
}

func imageLast(c GrantChange) int {
	if imagePattern.MatchString(c.Resource) {
		return 1
	}
	return 0
}

// String returns the plan as a diff.
func (p *SharePlan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", p.Action, p.Image)
	if p.Name != "" {
		fmt.Fprintf(&b, " (%s)", p.Name)
	}
	b.WriteString("\n")
	for i, c := range p.Changes {
		if i == 0 || p.Changes[i-1].Resource != c.Resource {
			fmt.Fprintf(&b, "  %s\n", c.Resource)
		}
		for _, to := range c.Add {
			fmt.Fprintf(&b, "    + %s\n", to)
		}
		for _, to := range c.Remove {
			fmt.Fprintf(&b, "    - %s\n", to)
		}
	}
	if len(p.Changes) == 0 {
		b.WriteString("  nothing to change\n")
	}
	writeKept(&b, p.Kept)
	writeFindings(&b, p.Findings)
	return b.String()
}

func writeKept(b *strings.Builder, kept []Grant) {
	if len(kept) == 0 {
		return
	}
	b.WriteString("  not asked for, and kept: the service's own grant may be among them\n")
	for _, g := range kept {
		fmt.Fprintf(b, "    = %s %s\n", g.Resource, g.Principal)
	}
}

func writeFindings(b *strings.Builder, findings []hyperpodkit.Finding) {
	for _, f := range findings {
		fmt.Fprintf(b, "  %s\n", f)
	}
}
