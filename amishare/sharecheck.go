package amishare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
)

const (
	// RuleSnapshotPrincipal is that snapshots can be shared with all who are to get the AMI.
	RuleSnapshotPrincipal = "snapshot-principal"
	// RuleInUse is that it is known whether the AMI is in use.
	RuleInUse = "image-in-use"
)

// checkAsked judges what can be judged without a call, all mistakes together.
func (s *Sharer) checkAsked(plan *SharePlan) error {
	var errs []error
	bad := func(p Principal, err error) {
		errs = append(errs, &ImageError{Image: plan.Image, Resource: p.ID, Err: err})
	}
	all := slices.Concat(plan.Grants.Wanted, plan.Grants.Prune)
	if len(all) == 0 && plan.Action != ActionReconcile {
		return &ImageError{Image: plan.Image, Resource: plan.Image, Err: ErrNoPrincipals}
	}
	seen := map[Principal]bool{}
	for _, p := range all {
		if err := p.check(); err != nil {
			bad(p, err)
		} else if seen[p] {
			bad(p, ErrDuplicate)
		}
		seen[p] = true
	}
	for _, p := range plan.Grants.Wanted {
		if p.Kind == PrincipalEveryone && !s.opts.AllowPublic {
			bad(p, ErrPublic)
		}
	}
	return errors.Join(errs...)
}

// judge applies the rules to the AMI. For removing grants it need be fit for nothing.
func (s *Sharer) judge(plan *SharePlan, found unit) error {
	own := Principal{PrincipalAccount, plan.Owner}
	if slices.Contains(plan.Grants.Wanted, own) {
		return &ImageError{Image: plan.Image, Resource: own.ID, Err: ErrOwnAccount}
	}
	for _, f := range judgeUnit(&s.opts.Options, found, time.Now()) {
		if len(plan.Grants.Wanted) == 0 {
			if rule := strings.TrimSuffix(f.Rule, nearMissSuffix); rule != RuleImageTag && rule != RuleSnapshotTag {
				continue
			}
			f.Level = hyperpodkit.Warning
			f.Fix = "a policy with that guard denies removing grants as well; have it tagged, revoke, and untag afterwards"
		}
		plan.Findings = append(plan.Findings, f)
	}
	units := len(plan.Grants.Wanted) - len(plan.Grants.Wanted.forSnapshots())
	public := slices.Contains(plan.Grants.Wanted, Everyone()[0])
	for _, snap := range found.snapshots {
		id := aws.ToString(snap.SnapshotId)
		if units > 0 {
			plan.Findings = append(plan.Findings, hyperpodkit.Finding{
				Level: hyperpodkit.Warning, Rule: RuleSnapshotPrincipal, Resource: id,
				Found: fmt.Sprintf("cannot be shared with organizations: %d of the principals can launch the AMI but not copy it", units),
				Fix:   "name the accounts that are to copy the AMI",
			})
		}
		if public && aws.ToBool(snap.Encrypted) {
			plan.Findings = append(plan.Findings, hyperpodkit.Finding{
				Level: hyperpodkit.Error, Rule: RuleEncrypted, Resource: id,
				Found: "is encrypted, and cannot be shared with everyone", Fix: "name the accounts",
			})
		}
	}
	return unfit(plan.Image, plan.Findings)
}

// judgeUnit applies the rules of a check, but for those that need to know what the AMI
// is meant for and what it was made from.
func judgeUnit(opts *Options, u unit, now time.Time) []hyperpodkit.Finding {
	id := aws.ToString(u.image.ImageId)
	seen := sight{images: map[string]types.Image{id: u.image}, snapshots: map[string]types.Snapshot{}}
	for _, snap := range u.snapshots {
		seen.snapshots[aws.ToString(snap.SnapshotId)] = snap
	}
	j := &judge{opts: opts, use: hyperpodkit.ImageUse{Image: id}, seen: seen, now: now}
	j.fit(u.image)
	j.custom(u.image)
	return slices.DeleteFunc(j.findings, func(f hyperpodkit.Finding) bool {
		return f.Rule == RuleBase || f.Rule == RuleOrchestrator || f.Rule == RuleRootVolumeKey
	})
}

// checkUnused asks about the use of an AMI that is to lose grants.
func (s *Sharer) checkUnused(ctx context.Context, plan *SharePlan) error {
	if !slices.ContainsFunc(plan.Changes, func(c GrantChange) bool { return len(c.Remove) > 0 }) {
		return nil
	}
	if s.opts.InUse == nil {
		plan.Findings = append(plan.Findings, hyperpodkit.Finding{
			Level: hyperpodkit.Unknown, Rule: RuleInUse, Resource: plan.Image,
			Found: "may be in use by a cluster: nobody was there to ask", Fix: "set InUse",
		})
		return nil
	}
	uses, err := s.opts.InUse.ImageInUse(ctx, plan.Image)
	if err = notUnused(uses, err); err != nil {
		return &ImageError{Image: plan.Image, Resource: plan.Image, Err: err}
	}
	return nil
}
