package amisharetest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// AmazonAccount is the account that owns HyperPod's public AMIs here. The real one
// is not published; what shows that they are Amazon's is the owner alias.
const AmazonAccount = "999999999999"

type publicImage struct {
	orchestrator string
	architecture types.ArchitectureValues
	name         string
	parameter    string
	created      time.Time
}

// publicImages are HyperPod's public AMIs, the same in every Region. Names and
// parameters follow the developer guide's "Get the base AMI" for custom AMIs; its
// only examples are older builds.
func publicImages() []publicImage {
	const ssm = "/aws/service/sagemaker-hyperpod/ami/"
	built := time.Date(2026, time.August, 4, 7, 0, 0, 0, time.UTC)
	return []publicImage{
		{"eks", types.ArchitectureValuesX8664, "HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2023 2026080407", ssm + "x86_64/eks-1.32-amazon-linux-2023/latest/ami-id", built},
		{"eks", types.ArchitectureValuesArm64, "HyperPod EKS 1.32 arm64 AMI Amazon Linux 2023 2026080407", ssm + "arm64/eks-1.32-amazon-linux-2023/latest/ami-id", built},
		{"slurm", types.ArchitectureValuesX8664, "HyperPod Slurm x86_64 AMI Ubuntu 22.04 2026080407", ssm + "x86_64/slurm-ubuntu-22.04/latest/ami-id", built},
		{"slurm", types.ArchitectureValuesArm64, "HyperPod Slurm arm64 AMI Ubuntu 22.04 2026080407", ssm + "arm64/slurm-ubuntu-22.04/latest/ami-id", built},
	}
}

func (p publicImage) id(region string) string { return "ami-" + emul.HexID(17, region, p.name) }

// PublicImage returns the id of HyperPod's public AMI in a Region, for an
// orchestrator ("eks" or "slurm") and an architecture (x86_64 or arm64). It is
// there in every [Server] from the start. For anything else the id is empty.
func PublicImage(region, orchestrator string, architecture types.ArchitectureValues) string {
	for _, p := range publicImages() {
		if p.orchestrator == orchestrator && p.architecture == architecture {
			return p.id(region)
		}
	}
	return ""
}

// region returns a Region's state; a Region is born with HyperPod's public AMIs.
func (s *Server) region(name string) *region {
	if r, ok := s.regions[name]; ok {
		return r
	}
	r := &region{images: map[string]*image{}, snapshots: map[string]*snapshot{}}
	s.regions[name] = r
	for _, p := range publicImages() {
		snapshot := s.addSnapshot(Snapshot{
			ID: "snap-" + emul.HexID(17, name, p.name, "root"), Account: AmazonAccount, Region: name, OwnerAlias: "amazon",
		})
		s.addImage(Image{
			ID: p.id(name), Account: AmazonAccount, Region: name, OwnerAlias: "amazon", Name: p.name,
			Architecture: p.architecture, Created: p.created, Public: true,
			Mappings: []types.BlockDeviceMapping{{
				DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String(snapshot)},
			}},
			Change: func(i *types.Image) { i.PublicSsmParameterName = aws.String(p.parameter) },
		})
	}
	return r
}
