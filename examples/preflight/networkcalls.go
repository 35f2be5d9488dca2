package preflight

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// A filter leaves out what does not exist, where a list of ids would fail as a whole.
func filter(name string, values []string) []types.Filter {
	return []types.Filter{{Name: aws.String(name), Values: slices.Clone(values)}}
}

func (c Network) subnets(ctx context.Context, ids []string) (map[string]types.Subnet, error) {
	found := map[string]types.Subnet{}
	if len(ids) == 0 {
		return found, nil
	}
	pages := ec2.NewDescribeSubnetsPaginator(c.API, &ec2.DescribeSubnetsInput{Filters: filter("subnet-id", ids)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, subnet := range page.Subnets {
			found[aws.ToString(subnet.SubnetId)] = subnet
		}
	}
	return found, nil
}

func (c Network) securityGroups(ctx context.Context, ids []string) (map[string]types.SecurityGroup, error) {
	found := map[string]types.SecurityGroup{}
	if len(ids) == 0 {
		return found, nil
	}
	pages := ec2.NewDescribeSecurityGroupsPaginator(c.API, &ec2.DescribeSecurityGroupsInput{Filters: filter("group-id", ids)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, group := range page.SecurityGroups {
			found[aws.ToString(group.GroupId)] = group
		}
	}
	return found, nil
}

// offerings are the zones in which EC2 offers each instance type, sorted.
func (c Network) offerings(ctx context.Context, use hyperpod.NetworkUse) (map[string][]string, error) {
	zones := map[string][]string{}
	pages := ec2.NewDescribeInstanceTypeOfferingsPaginator(c.API, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: types.LocationTypeAvailabilityZone, Filters: filter("instance-type", ec2Types(use)),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.InstanceTypeOfferings {
			zones[string(o.InstanceType)] = append(zones[string(o.InstanceType)], aws.ToString(o.Location))
		}
	}
	for _, list := range zones {
		slices.Sort(list)
	}
	return zones, nil
}

// efaTypes are the instance types that support EFA.
func (c Network) efaTypes(ctx context.Context, use hyperpod.NetworkUse) ([]string, error) {
	var efa []string
	pages := ec2.NewDescribeInstanceTypesPaginator(c.API, &ec2.DescribeInstanceTypesInput{Filters: filter("instance-type", ec2Types(use))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range page.InstanceTypes {
			if t.NetworkInfo != nil && aws.ToBool(t.NetworkInfo.EfaSupported) {
				efa = append(efa, string(t.InstanceType))
			}
		}
	}
	return efa, nil
}
