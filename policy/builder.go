package policy

import "fmt"

// BuilderOptions say how AMIs are built. The zero value builds without an instance
// profile, deletes nothing and uses no key.
type BuilderOptions struct {
	// InstanceRoles are the ARNs of the roles that build instances run as.
	InstanceRoles []string
	// Cleanup is the tag of the AMIs and snapshots that the builder may delete. Its
	// zero value means none.
	Cleanup Tag
}

// AMIBuilder returns the identity policy of whoever builds golden AMIs: it starts an
// instance from any AMI, stops and ends what it started, and makes an AMI of it, with
// tags. It cannot set the guard tag, in whatever case of letters: allowing an AMI to be
// shared is another role's act. Instances that it may stop carry the tag
// "hyperpodkit:builder" with any value, which it sets as it starts them.
//
// Of the scope it reads Partition, Region, Account, Guard and KMSKeys.
func AMIBuilder(s Scope, optFns ...func(*BuilderOptions)) (*Document, error) {
	var o BuilderOptions
	for _, fn := range optFns {
		fn(&o)
	}
	v := &validator{scope: s}
	v.place()
	v.tags()
	for i, arn := range o.InstanceRoles {
		v.arn(fmt.Sprintf("BuilderOptions.InstanceRoles[%d]", i), arn, wantedARN{"iam", "", s.Account, "role", roleForm, "role/NAME, without wildcards"})
	}
	if o.Cleanup != (Tag{}) {
		v.tag("BuilderOptions.Cleanup", o.Cleanup)
	}
	if len(v.problems) > 0 {
		return nil, &ScopeError{Problems: v.problems}
	}
	const mine = "hyperpodkit:builder"
	images, snapshots := s.images("image", nil)[0], s.images("snapshot", nil)[0]
	instances, volumes := s.arn("ec2", "instance/*"), s.arn("ec2", "volume/*")
	own := Condition{}.With("Null", "ec2:ResourceTag/"+mine, "false")
	d := &Document{Version: Version2012, Statements: []Statement{
		allow("DescribeTakesNoResource", Condition{}.With("StringEquals", "ec2:Region", s.Region),
			[]string{"ec2:DescribeImages", "ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeTags"}, "*"),
		allow("FindBaseImages", nil, []string{"ssm:GetParameter"}, "arn:"+s.Partition+":ssm:"+s.Region+"::parameter/aws/service/sagemaker-hyperpod/ami/*"),
		allow("StartTaggedInstances", Condition{}.With("Null", "aws:RequestTag/"+mine, "false"), []string{"ec2:RunInstances"}, instances),
		allow("StartFromAnything", nil, []string{"ec2:RunInstances"}, images, snapshots, volumes, s.arn("ec2", "key-pair/*"),
			s.arn("ec2", "network-interface/*"), s.arn("ec2", "security-group/*"), s.arn("ec2", "subnet/*")),
		allow("StopOwnInstances", own, []string{"ec2:StopInstances", "ec2:TerminateInstances"}, instances),
		allow("ImageOwnInstances", own, []string{"ec2:CreateImage"}, instances),
		allow("MakeImages", nil, []string{"ec2:CreateImage"}, images, snapshots),
		allow("TagsAtCreationButNotTheGuard", Condition{}.With("StringEquals", "ec2:CreateAction", "CreateImage", "RunInstances").
			With("ForAllValues:StringNotEqualsIgnoreCase", "aws:TagKeys", s.guard().Key).With("Null", "aws:TagKeys", "false"),
			[]string{"ec2:CreateTags"}, images, snapshots, instances, volumes),
	}}
	if len(o.InstanceRoles) > 0 {
		d.Statements = append(d.Statements, allow("RolesToInstancesOnly", Condition{}.With("StringEquals", "iam:PassedToService", "ec2.amazonaws.com"), []string{"iam:PassRole"}, o.InstanceRoles...))
	}
	if o.Cleanup != (Tag{}) {
		d.Statements = append(d.Statements, allow("DeleteOwnImages", Condition{}.With("StringEquals", "ec2:ResourceTag/"+o.Cleanup.Key, o.Cleanup.Value),
			[]string{"ec2:DeregisterImage", "ec2:DeleteSnapshot"}, images, snapshots))
	}
	if len(s.KMSKeys) > 0 {
		via := s.via("ec2", s.Region)
		d.Statements = append(d.Statements,
			allow("KeysThroughEC2", via, volumeKeyActions(), s.KMSKeys...),
			allow("GrantsThroughEC2", via.With("Bool", "kms:GrantIsForAWSResource", "true"), []string{"kms:CreateGrant"}, s.KMSKeys...))
	}
	return d, nil
}
