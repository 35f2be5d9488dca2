package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// EC2API is what [Network] and [ImageNames] call.
type EC2API interface {
	DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error)
	DescribeInstanceTypeOfferings(context.Context, *ec2.DescribeInstanceTypeOfferingsInput, ...func(*ec2.Options)) (*ec2.DescribeInstanceTypeOfferingsOutput, error)
	DescribeInstanceTypes(context.Context, *ec2.DescribeInstanceTypesInput, ...func(*ec2.Options)) (*ec2.DescribeInstanceTypesOutput, error)
	DescribeSecurityGroups(context.Context, *ec2.DescribeSecurityGroupsInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error)
	DescribeSubnets(context.Context, *ec2.DescribeSubnetsInput, ...func(*ec2.Options)) (*ec2.DescribeSubnetsOutput, error)
}

// Network reads subnets, security groups and instance types from EC2, with the four
// actions of those names.
type Network struct{ API EC2API }

var _ hyperpod.NetworkChecker = Network{}

// CheckNetwork finds subnets and security groups that do not exist or do not belong
// together, subnets without enough free addresses or in zones where EC2 does not offer
// the instance types, and for types with EFA the lack of a security group that refers
// to itself.
func (c Network) CheckNetwork(ctx context.Context, use hyperpod.NetworkUse) ([]hyperpodkit.Finding, error) {
	f := &findings{path: use.Path}
	subnets, err := c.subnets(ctx, use.Subnets)
	if err != nil {
		return f.unless(err, "subnet-not-found", "", "ec2:DescribeSubnets")
	}
	groups, err := c.securityGroups(ctx, use.SecurityGroups)
	if err != nil {
		return f.unless(err, "security-group-not-found", "", "ec2:DescribeSecurityGroups")
	}
	together(f, use, subnets, groups)
	addresses(f, use, subnets)
	offered, err := c.offerings(ctx, use)
	if err != nil {
		return f.unless(err, "subnet-zone", "", "ec2:DescribeInstanceTypeOfferings")
	}
	zones(f, use, subnets, offered)
	efa, err := c.efaTypes(ctx, use)
	if err != nil {
		return f.unless(err, "efa-security-group", "", "ec2:DescribeInstanceTypes")
	}
	selfReference(f, use, groups, efa)
	return f.list, nil
}

// together judges that all ids exist, in one VPC (SDK, VpcConfig: the security groups
// are those of the VPC of the subnets).
func together(f *findings, use hyperpod.NetworkUse, subnets map[string]types.Subnet, groups map[string]types.SecurityGroup) {
	vpc := ""
	for _, id := range use.Subnets {
		subnet, exists := subnets[id]
		switch in := aws.ToString(subnet.VpcId); {
		case !exists:
			f.add(hyperpodkit.Error, "subnet-not-found", id, "the subnet does not exist in this account and Region", "check its id")
		case vpc == "":
			vpc = in
		case in != vpc:
			f.add(hyperpodkit.Error, "subnet-vpc", id, fmt.Sprintf("the subnet is in %s, others in %s", in, vpc), "use subnets of one VPC")
		}
	}
	for _, id := range use.SecurityGroups {
		group, exists := groups[id]
		switch in := aws.ToString(group.VpcId); {
		case !exists:
			f.add(hyperpodkit.Error, "security-group-not-found", id, "the security group does not exist in this account and Region", "check its id")
		case vpc != "" && in != vpc:
			f.add(hyperpodkit.Error, "security-group-vpc", id, fmt.Sprintf("the security group is in %s, the subnets in %s", in, vpc), "use security groups of the subnets' VPC")
		}
	}
}

// addresses judges the free addresses by what instances need at the least: one each.
// Instances with several network cards, and pods on EKS, need more.
func addresses(f *findings, use hyperpod.NetworkUse, subnets map[string]types.Subnet) {
	var free, needed int32
	for _, subnet := range subnets {
		free += aws.ToInt32(subnet.AvailableIpAddressCount)
	}
	for _, g := range use.Groups {
		needed += max(g.Count-g.Before, 0)
	}
	if len(subnets) > 0 && free < needed {
		f.add(hyperpodkit.Error, "subnet-addresses", strings.Join(use.Subnets, ", "),
			fmt.Sprintf("%d addresses are free, and %d instances need one each at the least", free, needed), "use larger subnets")
	}
}

// zones judges the zones of the subnets by where EC2 offers the instance types. It
// warns only: what HyperPod has in a zone is not published, and EC2's own offer need
// not be the same.
func zones(f *findings, use hyperpod.NetworkUse, subnets map[string]types.Subnet, offered map[string][]string) {
	var in []string
	for _, subnet := range subnets {
		in = append(in, aws.ToString(subnet.AvailabilityZone))
	}
	slices.Sort(in)
	in = slices.Compact(in)
	for _, g := range use.Groups {
		for _, t := range g.Types {
			there := offered[ec2Type(t)]
			switch {
			case len(in) == 0:
			case len(there) == 0:
				f.add(hyperpodkit.Unknown, "subnet-zone", t, "EC2 does not say in which zones it offers "+t, "")
			case !slices.ContainsFunc(there, func(zone string) bool { return slices.Contains(in, zone) }):
				f.add(hyperpodkit.Warning, "subnet-zone", t, fmt.Sprintf("group %s: the subnets are in %s, and EC2 offers %s in %s", g.Group, strings.Join(in, ", "), t, strings.Join(there, ", ")),
					"use subnets in those zones")
			}
		}
	}
}

// selfReference judges that instances with EFA are in a security group that allows all
// traffic to and from itself (EC2 user guide, "Get started with EFA and MPI": EFA
// requires one; a rule for addresses does not do, as EFA's traffic is not IP's).
func selfReference(f *findings, use hyperpod.NetworkUse, groups map[string]types.SecurityGroup, efa []string) {
	var with []string
	for _, g := range use.Groups {
		supported := slices.ContainsFunc(g.Types, func(t string) bool { return slices.Contains(efa, ec2Type(t)) })
		if supported || strings.HasPrefix(g.Interface, "efa") {
			with = append(with, g.Group)
		}
	}
	if len(with) == 0 || len(groups) == 0 {
		return
	}
	for id, group := range groups {
		if allows(group.IpPermissions, id) && allows(group.IpPermissionsEgress, id) {
			return
		}
	}
	f.add(hyperpodkit.Error, "efa-security-group", strings.Join(use.SecurityGroups, ", "),
		"no security group allows all traffic both from itself and to itself, which EFA needs in group "+strings.Join(with, ", "),
		"add a rule for all traffic to its inbound and its outbound rules with the group itself as source and destination")
}

// allows tells whether permissions allow all traffic with a security group.
func allows(permissions []types.IpPermission, group string) bool {
	return slices.ContainsFunc(permissions, func(p types.IpPermission) bool {
		return aws.ToString(p.IpProtocol) == "-1" &&
			slices.ContainsFunc(p.UserIdGroupPairs, func(pair types.UserIdGroupPair) bool { return aws.ToString(pair.GroupId) == group })
	})
}

func ec2Type(hyperpodType string) string { return strings.TrimPrefix(hyperpodType, "ml.") }

// ec2Types are the instance types of a use, each once.
func ec2Types(use hyperpod.NetworkUse) []string {
	all := map[string]bool{}
	for _, g := range use.Groups {
		for _, t := range g.Types {
			all[ec2Type(t)] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
