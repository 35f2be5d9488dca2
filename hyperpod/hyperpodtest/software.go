package hyperpodtest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

func (s *Server) updateClusterSoftware(r request, in *sagemaker.UpdateClusterSoftwareInput) (outcome[sagemaker.UpdateClusterSoftwareOutput], error) {
	none := outcome[sagemaker.UpdateClusterSoftwareOutput]{}
	c, err := r.find(in.ClusterName)
	if err != nil {
		return none, err
	}
	if c.status != types.ClusterStatusInservice {
		return none, conflict("Cluster %s is in status %s; its software cannot be updated now.", c.name, c.status)
	}
	if c.checkingHealth() {
		return none, conflict("Deep health checks are in progress on cluster %s; its software cannot be updated now.", c.name)
	}
	targets, err := c.softwareTargets(in)
	if err != nil {
		return none, err
	}
	var images []imageUse
	if id := aws.ToString(in.ImageId); id != "" && id != defaultImage {
		for _, t := range targets {
			use := useOf(id, *t.group.spec)
			if t.group.staysManaged() {
				use.managed = t.group.name()
			}
			images = append(images, use)
		}
	}
	return outcome[sagemaker.UpdateClusterSoftwareOutput]{
		images: images,
		apply: func() *sagemaker.UpdateClusterSoftwareOutput {
			c.updateSoftware(r.now, targets, in.DeploymentConfig)
			return &sagemaker.UpdateClusterSoftwareOutput{ClusterArn: aws.String(c.arn)}
		},
		pretend: func() *sagemaker.UpdateClusterSoftwareOutput {
			return &sagemaker.UpdateClusterSoftwareOutput{ClusterArn: aws.String(c.arn)}
		},
	}, nil
}

// softwareTarget is a group and the image that it is to run.
type softwareTarget struct {
	group   *group
	image   string
	release string
}

// softwareTargets resolves a request: no group named means every regular group.
func (c *cluster) softwareTargets(in *sagemaker.UpdateClusterSoftwareInput) ([]softwareTarget, error) {
	specs := in.InstanceGroups
	if len(specs) == 0 {
		for _, g := range c.groups {
			if g.restricted == nil && !g.deleting {
				specs = append(specs, types.UpdateClusterSoftwareInstanceGroupSpecification{InstanceGroupName: aws.String(g.name())})
			}
		}
	}
	if !c.isEKS() && in.DeploymentConfig != nil {
		return nil, invalid("DeploymentConfig is supported for clusters orchestrated by EKS only.")
	}
	if len(specs) == 0 {
		return nil, invalid("Cluster %s has no instance group whose software could be updated.", c.name)
	}
	var targets []softwareTarget
	for _, spec := range specs {
		g := c.group(*spec.InstanceGroupName)
		if slices.ContainsFunc(targets, func(t softwareTarget) bool { return t.group == g }) {
			return nil, invalid("Instance group %s is named twice.", *spec.InstanceGroupName)
		}
		if g == nil || g.deleting {
			return nil, invalid("Instance group %s does not exist in cluster %s.", *spec.InstanceGroupName, c.name)
		}
		t, err := g.softwareTarget(in.ImageId, spec.ImageReleaseVersion)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func (g *group) softwareTarget(imageID, release *string) (softwareTarget, error) {
	t := softwareTarget{group: g, image: aws.ToString(imageID)}
	switch {
	case g.restricted != nil:
		return t, invalid("Instance group %s is restricted; its software is not updated by this operation.", g.name())
	case t.image == "" && g.custom():
		return t, invalid("Instance group %s uses the custom AMI %s; ImageId must name an AMI or default.", g.name(), g.desiredImage)
	case t.image != "" && t.image != defaultImage && release != nil:
		return t, invalid("ImageReleaseVersion of instance group %s cannot be combined with the AMI %s.", g.name(), t.image)
	case g.cluster.server.options.Images == nil && g.staysManaged() && t.image != "" && t.image != defaultImage:
		return t, staysManaged(g.name(), t.image) // with Images it is known later whether the AMI is custom
	case g.update != nil:
		return t, conflict("The software of instance group %s is being updated.", g.name())
	case g.awaitsMinimum():
		return t, conflict("Instance group %s has not reached its minimum instance count.", g.name())
	}
	if t.image == "" {
		t.image = defaultImage
	}
	t.release = g.cluster.server.releaseOf(t.image, release)
	return t, nil
}

// staysManaged tells whether the group cannot go to a custom AMI: on Slurm those on
// HyperPod's own images cannot.
func (g *group) staysManaged() bool { return !g.cluster.isEKS() && !g.custom() }

func staysManaged(group, image string) error {
	return invalid("Instance group %s of a Slurm cluster cannot be updated from a HyperPod AMI to the custom AMI %s; add a new instance group with the AMI.", group, image)
}
