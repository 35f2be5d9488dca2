package amishare_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func TestCheckCustomImage(t *testing.T) {
	const key = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	root := types.BlockDeviceMapping{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{}}
	allow := func(o *amishare.Options) { o.AllowEncrypted = true }
	for name, tt := range map[string]struct {
		change func(*amisharetest.Image)
		use    hyperpodkit.ImageUse
		opts   func(*amishare.Options)
		want   []string
	}{
		"fit": {},
		"fit for everything asked": {use: hyperpodkit.ImageUse{
			InstanceTypes: []string{"ml.p5.48xlarge", "ml.c5.2xlarge"}, Orchestrator: "eks", Region: "us-west-2",
		}},
		"tag on neither": {
			change: func(i *amisharetest.Image) { i.Tags, i.SnapshotTags = nil, nil },
			want:   []string{"error image-guard-tag", "error snapshot-guard-tag"},
		},
		"tag on the image alone": {
			change: func(i *amisharetest.Image) { i.SnapshotTags = nil },
			want:   []string{"error snapshot-guard-tag"},
		},
		"tag on the snapshot alone": {
			change: func(i *amisharetest.Image) { i.Tags = nil },
			want:   []string{"error image-guard-tag"},
		},
		"no guard": {
			change: func(i *amisharetest.Image) { i.Tags, i.SnapshotTags = nil, nil },
			opts:   func(o *amishare.Options) { o.Guard = amishare.Tag{} },
		},
		"another guard": {
			opts: func(o *amishare.Options) { o.Guard = amishare.Tag{Key: "Shareable", Value: "yes"} },
			want: []string{"error image-guard-tag", "error snapshot-guard-tag"},
		},
		"key in another case": {
			change: func(i *amisharetest.Image) { i.Tags = map[string]string{"allowsharing": "true"} },
			want:   []string{"warning image-guard-tag-near-miss"},
		},
		"value in another case": {
			change: func(i *amisharetest.Image) { i.SnapshotTags = map[string]string{"AllowSharing": "True"} },
			want:   []string{"error snapshot-guard-tag-near-miss"},
		},
		"white space around the value": {
			change: func(i *amisharetest.Image) { i.Tags = map[string]string{"AllowSharing": "true "} },
			want:   []string{"error image-guard-tag-near-miss"},
		},
		"white space around the key": {
			change: func(i *amisharetest.Image) { i.Tags = map[string]string{" AllowSharing": "true"} },
			want:   []string{"error image-guard-tag-near-miss"},
		},
		"another value": {
			change: func(i *amisharetest.Image) { i.Tags = map[string]string{"AllowSharing": "false"} },
			want:   []string{"error image-guard-tag-near-miss"},
		},
		"near miss beside the tag": {
			change: func(i *amisharetest.Image) {
				i.Tags = map[string]string{"AllowSharing": "true", "allowsharing": "false"}
			},
			want: []string{"warning image-guard-tag-near-miss"},
		},
		"not available": {
			change: func(i *amisharetest.Image) { i.State = types.ImageStatePending },
			want:   []string{"error image-state"},
		},
		"disabled": {
			change: func(i *amisharetest.Image) { i.State = types.ImageStateDisabled },
			want:   []string{"error image-state"},
		},
		"deprecated": {
			change: func(i *amisharetest.Image) { i.Deprecated = time.Now().Add(-time.Hour) },
			want:   []string{"warning image-deprecated"},
		},
		"deprecated later": {
			change: func(i *amisharetest.Image) { i.Deprecated = time.Now().Add(time.Hour) },
		},
		"arm64 on x86_64": {
			change: func(i *amisharetest.Image) { i.Architecture = types.ArchitectureValuesArm64 },
			use:    hyperpodkit.ImageUse{InstanceTypes: []string{"ml.p5.48xlarge", "ml.c7g.large"}},
			want:   []string{"error image-architecture"},
		},
		"x86_64 on GB200": {
			use:  hyperpodkit.ImageUse{InstanceTypes: []string{"ml.p6e-gb200.36xlarge"}},
			want: []string{"error image-architecture"},
		},
		"unknown instance type": {
			use:  hyperpodkit.ImageUse{InstanceTypes: []string{"ml.q9.large"}},
			want: []string{"warning image-architecture"},
		},
		"paravirtual": {
			change: func(i *amisharetest.Image) {
				i.Change = func(img *types.Image) { img.VirtualizationType = types.VirtualizationTypeParavirtual }
			},
			want: []string{"error image-virtualization"},
		},
		"instance store": {
			change: func(i *amisharetest.Image) {
				i.Mappings = []types.BlockDeviceMapping{}
				i.Change = func(img *types.Image) { img.RootDeviceType = types.DeviceTypeInstanceStore }
			},
			want: []string{"error root-device"},
		},
		"a second volume": {
			change: func(i *amisharetest.Image) {
				i.Mappings = []types.BlockDeviceMapping{root, {DeviceName: aws.String("/dev/sdb"), Ebs: &types.EbsBlockDevice{}}}
			},
			want: []string{"error extra-volume"},
		},
		"ephemeral and suppressed devices are no volumes": {
			change: func(i *amisharetest.Image) {
				i.Mappings = []types.BlockDeviceMapping{
					root,
					{DeviceName: aws.String("/dev/sdb"), VirtualName: aws.String("ephemeral0")},
					{DeviceName: aws.String("/dev/sdc"), NoDevice: aws.String("")},
				}
			},
		},
		"no volume at the root": {
			change: func(i *amisharetest.Image) {
				i.Mappings = []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/sdb"), Ebs: &types.EbsBlockDevice{}}}
			},
			want: []string{"error extra-volume", "error root-device"},
		},
		"snapshot deleted under the image": {
			change: func(i *amisharetest.Image) {
				i.Mappings = []types.BlockDeviceMapping{{
					DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String("snap-0123456789abcdef0")},
				}}
			},
			want: []string{"error snapshot-not-found"},
		},
		"public": {
			change: func(i *amisharetest.Image) { i.Public = true },
			want:   []string{"warning image-public"},
		},
		"encrypted": {
			change: func(i *amisharetest.Image) { i.KMSKey = key },
			use:    hyperpodkit.ImageUse{RootVolumeKey: key},
			want:   []string{"error snapshot-encrypted"},
		},
		"encrypted, allowed, same key": {
			change: func(i *amisharetest.Image) { i.KMSKey = key },
			use:    hyperpodkit.ImageUse{RootVolumeKey: key}, opts: allow,
			want: []string{"unknown snapshot-managed-key"},
		},
		"encrypted, allowed, same key by id": {
			change: func(i *amisharetest.Image) { i.KMSKey = key },
			use:    hyperpodkit.ImageUse{RootVolumeKey: "1234abcd-12ab-34cd-56ef-1234567890ab"}, opts: allow,
			want: []string{"unknown snapshot-managed-key"},
		},
		"encrypted, allowed, key by alias": {
			change: func(i *amisharetest.Image) { i.KMSKey = key },
			use:    hyperpodkit.ImageUse{RootVolumeKey: "alias/train"}, opts: allow,
			want: []string{"unknown root-volume-key"},
		},
		"encrypted, allowed, key by alias ARN": {
			change: func(i *amisharetest.Image) { i.KMSKey = key },
			use:    hyperpodkit.ImageUse{RootVolumeKey: "arn:aws:kms:us-west-2:111122223333:alias/train"}, opts: allow,
			want: []string{"unknown root-volume-key"},
		},
		"encrypted, allowed, managed key by alias": {
			change: func(i *amisharetest.Image) { i.KMSKey = amisharetest.AWSManagedKey },
			use:    hyperpodkit.ImageUse{RootVolumeKey: "alias/aws/ebs"}, opts: allow,
			want: []string{"error root-volume-key"},
		},
		"encrypted, allowed, another key": {
			change: func(i *amisharetest.Image) { i.KMSKey = key },
			use:    hyperpodkit.ImageUse{RootVolumeKey: strings.Replace(key, "1234abcd", "ffffffff", 1)}, opts: allow,
			want: []string{"error root-volume-key"},
		},
		"encrypted, allowed, no key": {
			change: func(i *amisharetest.Image) { i.KMSKey = key }, opts: allow,
			want: []string{"error root-volume-key"},
		},
		"for another orchestrator": {
			use:  hyperpodkit.ImageUse{Orchestrator: "slurm"},
			want: []string{"warning image-orchestrator"},
		},
		"for another Kubernetes": {
			use:  hyperpodkit.ImageUse{Orchestrator: "eks", Kubernetes: "1.33"},
			want: []string{"warning image-kubernetes"},
		},
		"for this Kubernetes": {
			use: hyperpodkit.ImageUse{Orchestrator: "eks", Kubernetes: "1.32"},
		},
		"of unknown origin": {
			change: func(i *amisharetest.Image) { i.SourceImage = "" },
			want:   []string{"unknown image-base"},
		},
		"of an origin that is gone": {
			change: func(i *amisharetest.Image) { i.SourceImage = "ami-0123456789abcdef9" },
			want:   []string{"warning image-base"},
		},
		"of another Region": {
			use:  hyperpodkit.ImageUse{Region: "us-east-1"},
			want: []string{"error image-region"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			img := golden()
			if tt.change != nil {
				tt.change(&img)
			}
			tt.use.Image, tt.use.Path = srv.AddImage(img), "InstanceGroups[0].ImageId"
			opts := func(*amishare.Options) {}
			if tt.opts != nil {
				opts = tt.opts
			}
			findings, err := amishare.NewChecker(srv.Client(), opts).CheckImage(t.Context(), tt.use)
			require.NoError(t, err)
			assert.ElementsMatch(t, tt.want, rules(findings))
			for _, f := range findings {
				assert.Equal(t, "InstanceGroups[0].ImageId", f.Path)
				assert.NotEmpty(t, f.Resource)
				assert.NotEmpty(t, f.Fix)
			}
		})
	}
}

func TestCheckOtherImages(t *testing.T) {
	srv := amisharetest.NewServer()
	eks := amisharetest.PublicImage("us-west-2", "eks", types.ArchitectureValuesX8664)
	amazon := func(img amisharetest.Image) string {
		img.Account, img.OwnerAlias, img.Public = amisharetest.AmazonAccount, "amazon", true
		return srv.AddImage(img)
	}
	old := amazon(amisharetest.Image{Name: "HyperPod EKS 1.29 x86_64 AMI Amazon Linux 2 2024010107", Deprecated: time.Now().Add(-time.Hour)})
	odd := amazon(amisharetest.Image{Name: "HyperPod x86_64", Change: func(i *types.Image) { i.ImageAllowed = aws.Bool(false) }})
	linux := amazon(amisharetest.Image{Name: "al2023-ami-2023"})
	copied := amazon(amisharetest.Image{Name: "HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2 2026010107", SourceImage: "ami-0123456789abcdef9"})
	slurm := golden()
	slurm.SourceImage = amisharetest.PublicImage("us-west-2", "slurm", types.ArchitectureValuesX8664)
	fromLinux := golden()
	fromLinux.SourceImage = linux
	child := golden()
	child.SourceImage = srv.AddImage(golden())
	grandchild := child
	grandchild.SourceImage = srv.AddImage(child)
	for name, tt := range map[string]struct {
		use   hyperpodkit.ImageUse
		class amishare.ImageClass
		want  []string
	}{
		"default":                   {hyperpodkit.ImageUse{Image: "default", Region: "eu-west-1"}, amishare.ImageDefault, nil},
		"malformed":                 {hyperpodkit.ImageUse{Image: "ami-xyz"}, amishare.ImageUnknown, []string{"error image-id"}},
		"empty":                     {hyperpodkit.ImageUse{}, amishare.ImageUnknown, []string{"error image-id"}},
		"not there":                 {hyperpodkit.ImageUse{Image: "ami-0123456789abcdef9"}, amishare.ImageUnknown, []string{"error image-not-found"}},
		"public":                    {hyperpodkit.ImageUse{Image: eks, Orchestrator: "eks", InstanceTypes: []string{"ml.c5.large"}}, amishare.ImagePublic, nil},
		"public, architecture":      {hyperpodkit.ImageUse{Image: eks, InstanceTypes: []string{"ml.c8g.large"}}, amishare.ImagePublic, []string{"error image-architecture"}},
		"public, orchestrator":      {hyperpodkit.ImageUse{Image: eks, Orchestrator: "slurm"}, amishare.ImagePublic, []string{"error image-orchestrator"}},
		"public, Kubernetes":        {hyperpodkit.ImageUse{Image: eks, Orchestrator: "eks", Kubernetes: "1.31"}, amishare.ImagePublic, []string{"warning image-kubernetes"}},
		"public, deprecated":        {hyperpodkit.ImageUse{Image: old}, amishare.ImagePublic, []string{"warning image-deprecated"}},
		"public, of unusual name":   {hyperpodkit.ImageUse{Image: odd, Orchestrator: "eks"}, amishare.ImagePublic, []string{"warning image-allowed", "unknown image-orchestrator"}},
		"Amazon's, not HyperPod's":  {hyperpodkit.ImageUse{Image: linux}, amishare.ImageCustom, []string{"error image-owner"}},
		"another account's, shared": {hyperpodkit.ImageUse{Image: srv.AddImage(amisharetest.Image{Account: "444455556666", SharedWith: []string{"111122223333"}})}, amishare.ImageCustom, []string{"error image-owner"}},
		"another account's":         {hyperpodkit.ImageUse{Image: srv.AddImage(amisharetest.Image{Account: "444455556666"})}, amishare.ImageUnknown, []string{"error image-not-found"}},
		"public, with a source":     {hyperpodkit.ImageUse{Image: copied}, amishare.ImagePublic, nil},
		"for Slurm, on Kubernetes":  {hyperpodkit.ImageUse{Image: srv.AddImage(slurm), Kubernetes: "1.32"}, amishare.ImageCustom, nil},
		"made from Amazon Linux":    {hyperpodkit.ImageUse{Image: srv.AddImage(fromLinux)}, amishare.ImageCustom, []string{"warning image-base"}},
		"two generations":           {hyperpodkit.ImageUse{Image: srv.AddImage(child)}, amishare.ImageCustom, nil},
		"three generations":         {hyperpodkit.ImageUse{Image: srv.AddImage(grandchild)}, amishare.ImageCustom, []string{"unknown image-base"}},
	} {
		t.Run(name, func(t *testing.T) {
			// A checker without a Region of its own, as on a fake, does not judge Regions.
			report, err := amishare.NewChecker(srv).Check(t.Context(), tt.use)
			require.NoError(t, err)
			require.Len(t, report.Images, 1)
			assert.Equal(t, tt.class, report.Images[0].Class)
			assert.ElementsMatch(t, tt.want, rules(report.Findings()))
		})
	}
}
