package amisharetest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// grant is whom an AMI or a snapshot is shared with: one of the members, of which a
// snapshot has the first two.
type grant struct{ user, group, organization, unit string }

// grants are the permissions of an AMI or a snapshot, or a change of them.
type grants []grant

func launchGrants(list []types.LaunchPermission) grants {
	var g grants
	for _, p := range list {
		g = append(g, grant{aws.ToString(p.UserId), string(p.Group), aws.ToString(p.OrganizationArn), aws.ToString(p.OrganizationalUnitArn)})
	}
	return g
}

func (g grants) launch() []types.LaunchPermission {
	list := make([]types.LaunchPermission, 0, len(g))
	for _, to := range g {
		list = append(list, types.LaunchPermission{
			UserId: optional(to.user), Group: types.PermissionGroup(to.group),
			OrganizationArn: optional(to.organization), OrganizationalUnitArn: optional(to.unit),
		})
	}
	return list
}

func createGrants(list []types.CreateVolumePermission) grants {
	var g grants
	for _, p := range list {
		g = append(g, grant{user: aws.ToString(p.UserId), group: string(p.Group)})
	}
	return g
}

func (g grants) create() []types.CreateVolumePermission {
	list := make([]types.CreateVolumePermission, 0, len(g))
	for _, to := range g {
		list = append(list, types.CreateVolumePermission{UserId: optional(to.user), Group: types.PermissionGroup(to.group)})
	}
	return list
}

// flatGrants are those of a request's lists.
func flatGrants(users, groups, organizations, units []string) grants {
	var g grants
	for _, id := range users {
		g = append(g, grant{user: id})
	}
	for _, name := range groups {
		g = append(g, grant{group: name})
	}
	for _, arn := range organizations {
		g = append(g, grant{organization: arn})
	}
	for _, arn := range units {
		g = append(g, grant{unit: arn})
	}
	return g
}

// change is what a request does to permissions.
type change struct{ add, remove grants }

// with adds the flat form to what the structured form asks for. A flat list without
// OperationType beside the structured form is passed over, since clients send it so and
// EC2 takes it; alone it is refused.
func (c change) with(operation types.OperationType, flat grants, structured bool) (change, error) {
	switch operation {
	case types.OperationTypeAdd:
		c.add = append(c.add, flat...)
	case types.OperationTypeRemove:
		c.remove = append(c.remove, flat...)
	case "":
		if len(flat) > 0 && !structured {
			return c, missing("OperationType")
		}
	default:
		return c, refuse("InvalidParameterValue", "Value (%s) for parameter operationType is invalid.", operation)
	}
	return c, nil
}

func (c change) size() int { return len(c.add) + len(c.remove) }

// of returns the permissions after the change, which is of each entity once: granting
// what is granted and revoking what is not change nothing.
func (c change) of(before grants) grants {
	var after grants
	seen := map[grant]bool{}
	for _, to := range c.remove {
		seen[to] = true
	}
	for _, to := range slices.Concat(before, c.add) {
		if !seen[to] {
			after, seen[to] = append(after, to), true
		}
	}
	return after
}

func (g grants) public() bool {
	return slices.ContainsFunc(g, func(to grant) bool { return isEveryone(to.group) })
}

// isEveryone reports whether a group is the public: there is no other.
func isEveryone(group string) bool { return group == string(types.PermissionGroupAll) }

// to reports whether an account is named. The members of an organisation are not known.
func (g grants) to(account string) bool {
	return slices.ContainsFunc(g, func(to grant) bool { return to.user == account })
}

// toAny reports whether one of the accounts ("all" for the public) is named. No accounts
// means no such scope.
func (g grants) toAny(accounts []string) bool {
	return len(accounts) == 0 || slices.ContainsFunc(g, func(to grant) bool {
		return slices.Contains(accounts, to.user) || slices.Contains(accounts, to.group)
	})
}
