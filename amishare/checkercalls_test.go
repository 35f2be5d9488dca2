package amishare_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func operations(srv *amisharetest.Server) []string {
	var names []string
	for _, call := range srv.Calls() {
		names = append(names, call.Operation)
	}
	return names
}

func TestCheckCallsLittle(t *testing.T) {
	srv := amisharetest.NewServer()
	checker := amishare.NewChecker(srv.Client())
	_, err := checker.Check(t.Context(), hyperpodkit.ImageUse{Image: "default"}, hyperpodkit.ImageUse{Image: "nonsense"})
	require.NoError(t, err)
	assert.Empty(t, srv.Calls())

	uses := []hyperpodkit.ImageUse{{Image: "default"}}
	for range 100 {
		uses = append(uses, hyperpodkit.ImageUse{Image: srv.AddImage(golden())})
	}
	report, err := checker.Check(t.Context(), uses...)
	require.NoError(t, err)
	assert.Empty(t, report.Findings())
	assert.True(t, report.OK())
	assert.Equal(t, []string{"DescribeImages", "DescribeSnapshots", "DescribeImages"}, operations(srv))
}

func TestCheckDoesNotFollowAPublicImage(t *testing.T) {
	srv := amisharetest.NewServer()
	id := release(srv, "HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2 2026010107", day(1), func(i *amisharetest.Image) { i.SourceImage = "ami-0123456789abcdef9" })
	_, err := amishare.NewChecker(srv).Check(t.Context(), hyperpodkit.ImageUse{Image: id})
	require.NoError(t, err)
	assert.Equal(t, []string{"DescribeImages"}, operations(srv))
}

func TestCheckCallsLittleForAMixedLot(t *testing.T) {
	srv := amisharetest.NewServer()
	child := golden()
	child.SourceImage = srv.AddImage(golden())
	var uses []hyperpodkit.ImageUse
	add := func(id string) { uses = append(uses, hyperpodkit.ImageUse{Image: id}) }
	add("ami-0123456789abcdef9")
	add(amisharetest.PublicImage("us-west-2", "slurm", types.ArchitectureValuesX8664))
	add(srv.AddImage(amisharetest.Image{Account: "444455556666", SharedWith: []string{"111122223333"}}))
	for len(uses) < 100 {
		add(srv.AddImage(child))
	}
	report, err := amishare.NewChecker(srv.Client()).Check(t.Context(), uses...)
	require.NoError(t, err)
	assert.Equal(t, []string{"error image-not-found", "error image-owner"}, rules(report.Findings()))
	assert.Equal(t, []string{"DescribeImages", "DescribeSnapshots", "DescribeImages", "DescribeImages"}, operations(srv))
}

func TestCheckJudgesSnapshots(t *testing.T) {
	for name, tt := range map[string]struct {
		change amisharetest.Snapshot
		want   string
	}{
		"pending":  {amisharetest.Snapshot{State: types.SnapshotStatePending}, "error snapshot-state"},
		"archived": {amisharetest.Snapshot{Change: func(s *types.Snapshot) { s.StorageTier = types.StorageTierArchive }}, "error snapshot-state"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			tt.change.Tags = guard
			img := golden()
			img.Mappings = []types.BlockDeviceMapping{{
				DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{SnapshotId: aws.String(srv.AddSnapshot(tt.change))},
			}}
			findings, err := amishare.NewChecker(srv).CheckImage(t.Context(), hyperpodkit.ImageUse{Image: srv.AddImage(img)})
			require.NoError(t, err)
			assert.Equal(t, []string{tt.want}, rules(findings))
		})
	}
}

func TestCheckMoreImagesThanOneFilterTakes(t *testing.T) {
	srv := amisharetest.NewServer()
	var uses []hyperpodkit.ImageUse
	for range 401 {
		uses = append(uses, hyperpodkit.ImageUse{Image: srv.AddImage(golden())})
	}
	report, err := amishare.NewChecker(srv).Check(t.Context(), uses...)
	require.NoError(t, err)
	assert.Len(t, report.Images, 401)
	assert.Empty(t, report.Findings())
	assert.Len(t, srv.Calls(), 3+3+1)
}

// paged answers one image or snapshot a page.
type paged struct{ *amisharetest.Server }

func (p paged) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	all := *in
	all.NextToken = nil
	out, err := p.Server.DescribeImages(ctx, &all)
	if err != nil {
		return nil, err
	}
	at := len(aws.ToString(in.NextToken))
	out.Images, out.NextToken = out.Images[at:at+1], nextToken(at+1, len(out.Images))
	return out, nil
}

func nextToken(at, of int) *string {
	if at == of {
		return nil
	}
	return aws.String(strings.Repeat("x", at))
}

func TestCheckFollowsPages(t *testing.T) {
	srv := amisharetest.NewServer()
	img := golden()
	img.SourceImage = ""
	uses := []hyperpodkit.ImageUse{{Image: srv.AddImage(img)}, {Image: srv.AddImage(img)}, {Image: srv.AddImage(img)}}
	report, err := amishare.NewChecker(paged{srv}).Check(t.Context(), uses...)
	require.NoError(t, err)
	assert.Equal(t, []string{"unknown image-base", "unknown image-base", "unknown image-base"}, rules(report.Findings()))
}

type failing struct {
	amishare.UnimplementedAPI
	err error
}

func (f failing) DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	return nil, f.err
}

func TestCheckTellsAFailedCallFromAFinding(t *testing.T) {
	broken := errors.New("broken")
	report, err := amishare.NewChecker(failing{err: broken}).Check(t.Context(),
		hyperpodkit.ImageUse{Image: "default"}, hyperpodkit.ImageUse{Image: "ami-0123456789abcdef0"})
	require.ErrorIs(t, err, broken)
	require.Len(t, report.Images, 2)
	assert.Equal(t, amishare.ImageDefault, report.Images[0].Class)
	assert.Equal(t, amishare.ImageUnknown, report.Images[1].Class)

	findings, err := amishare.NewChecker(amishare.UnimplementedAPI{}).CheckImage(t.Context(), hyperpodkit.ImageUse{Image: "ami-0123456789abcdef0"})
	require.ErrorIs(t, err, amishare.ErrUnimplemented)
	assert.Empty(t, findings)
}

func TestReportAsJSON(t *testing.T) {
	srv := amisharetest.NewServer()
	img := golden()
	img.ID, img.SnapshotTags = "ami-0123456789abcdef0", nil
	srv.AddImage(img)
	report, err := amishare.NewChecker(srv).Check(t.Context(), hyperpodkit.ImageUse{Image: img.ID}, hyperpodkit.ImageUse{Image: "default"})
	require.NoError(t, err)
	assert.False(t, report.OK())
	text, err := json.Marshal(report)
	require.NoError(t, err)
	var got struct {
		Images []struct {
			Class    string
			Findings []struct{ Level, Rule string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &got))
	require.Len(t, got.Images, 2)
	assert.Equal(t, "custom", got.Images[0].Class)
	require.Len(t, got.Images[0].Findings, 1)
	assert.Equal(t, "error", got.Images[0].Findings[0].Level)
	assert.Equal(t, "snapshot-guard-tag", got.Images[0].Findings[0].Rule)
	assert.Contains(t, string(text), `"Findings":[]`)
	var back amishare.Report
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, *report, back)
	require.ErrorContains(t, json.Unmarshal([]byte(`{"Images":[{"Class":"odd"}]}`), &back), `class "odd"`)
}
