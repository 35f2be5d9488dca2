package amishare_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// server holds an AMI whose snapshot nobody has tagged, which is what CreateImage
// leaves when only the image is tagged.
func server() *amisharetest.Server {
	srv := amisharetest.NewServer()
	snapshot := srv.AddSnapshot(amisharetest.Snapshot{ID: "snap-0123456789abcdef0"})
	srv.AddImage(amisharetest.Image{
		ID: "ami-0123456789abcdef0", Name: "golden", Tags: map[string]string{"AllowSharing": "true"},
		SourceImage: amisharetest.PublicImage("us-west-2", "eks", types.ArchitectureValuesX8664),
		Mappings: []types.BlockDeviceMapping{{
			DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: &snapshot},
		}},
	})
	return srv
}

func ExampleChecker_CheckImage() {
	checker := amishare.NewChecker(server().Client()) // or ec2.NewFromConfig(cfg)
	findings, err := checker.CheckImage(context.Background(), hyperpodkit.ImageUse{
		Image: "ami-0123456789abcdef0", InstanceTypes: []string{"ml.p5.48xlarge"}, Orchestrator: "eks", Region: "us-west-2",
	})
	if err != nil {
		fmt.Println(err)
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	// Output:
	// error: snap-0123456789abcdef0: lacks the tag AllowSharing=true that lets it be shared; have it tagged by the role that may; an AMI and its snapshots are tagged each for itself [snapshot-guard-tag]
}

func ExampleChecker_Check() {
	report, err := amishare.NewChecker(server().Client()).Check(context.Background(),
		hyperpodkit.ImageUse{Image: "default"},
		hyperpodkit.ImageUse{Image: "ami-0123456789abcdef0", InstanceTypes: []string{"ml.c7g.large"}},
	)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(report)
	fmt.Println("may be used:", report.OK())
	// Output:
	// IMAGE                                         LEVEL  RULE                FOUND                                                   FIX
	// default                                       ok     -                   default image                                           -
	// ami-0123456789abcdef0                         error  image-architecture  is for x86_64, but ml.c7g.large is arm64                use an AMI for arm64
	// ami-0123456789abcdef0 snap-0123456789abcdef0  error  snapshot-guard-tag  lacks the tag AllowSharing=true that lets it be shared  have it tagged by the role that may; an AMI and its snapshots are tagged each for itself
	// may be used: false
}

func ExampleTagger_TagForSharing() {
	tagger := amishare.NewTagger(server().Client()) // as the role that may
	report, err := tagger.TagForSharing(context.Background(), "ami-0123456789abcdef0")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(report)
	// Output:
	// RESOURCE                TAG                RESULT
	// ami-0123456789abcdef0   AllowSharing=true  had it before
	// snap-0123456789abcdef0  AllowSharing=true  set and verified
}
