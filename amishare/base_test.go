package amishare_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

var eks131 = amishare.Line{Orchestrator: "eks", Kubernetes: "1.31", Architecture: "x86_64"}

// release puts a HyperPod public AMI into a server.
func release(srv *amisharetest.Server, name string, created time.Time, change ...func(*amisharetest.Image)) string {
	img := amisharetest.Image{Account: amisharetest.AmazonAccount, OwnerAlias: "amazon", Public: true, Name: name, Created: created}
	for _, fn := range change {
		fn(&img)
	}
	return srv.AddImage(img)
}

func day(n int) time.Time { return time.Date(2026, time.May, n, 7, 0, 0, 0, time.UTC) }

// shuffled answers DescribeImages in another order each time.
type shuffled struct{ *amisharetest.Server }

func (s shuffled) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	out, err := s.Server.DescribeImages(ctx, in)
	if err == nil {
		rand.Shuffle(len(out.Images), func(i, j int) { out.Images[i], out.Images[j] = out.Images[j], out.Images[i] })
	}
	return out, err
}

func TestBaseIsTheNewestOfItsLine(t *testing.T) {
	const al2, al2023 = "HyperPod EKS 1.31 x86_64 AMI Amazon Linux 2 ", "HyperPod EKS 1.31 x86_64 AMI Amazon Linux 2023 "
	for name, tt := range map[string]struct {
		put  func(*amisharetest.Server) string
		line amishare.Line
	}{
		"created last": {func(srv *amisharetest.Server) string {
			want := release(srv, al2+"2026050307", day(3))
			release(srv, al2+"2026050207", day(2))
			release(srv, al2+"2026050407", day(1))
			return want
		}, eks131},
		"then the greater stamp": {func(srv *amisharetest.Server) string {
			want := release(srv, al2+"2026050310", day(3))
			release(srv, al2023+"2026050309", day(3))
			return want
		}, eks131},
		"a longer stamp is greater": {func(srv *amisharetest.Server) string {
			release(srv, al2+"20260504", day(3))
			return release(srv, al2+"2026050301", day(3))
		}, eks131},
		"then the greater name": {func(srv *amisharetest.Server) string {
			release(srv, al2+"2026050307", day(3))
			return release(srv, al2023+"2026050307", day(3))
		}, eks131},
		"then the greater id": {func(srv *amisharetest.Server) string {
			release(srv, al2+"2026050307", day(3), func(i *amisharetest.Image) { i.ID = "ami-0aaaaaaaaaaaaaaaa" })
			return release(srv, al2+"2026050307", day(3), func(i *amisharetest.Image) { i.ID = "ami-0bbbbbbbbbbbbbbbb" })
		}, eks131},
		"of its operating system": {func(srv *amisharetest.Server) string {
			want := release(srv, al2+"2026050207", day(2))
			release(srv, al2023+"2026050307", day(3))
			return want
		}, amishare.Line{Orchestrator: "eks", Kubernetes: "1.31", Architecture: "x86_64", OS: "Amazon Linux 2"}},
		"none of what is not fit": {func(srv *amisharetest.Server) string {
			want := release(srv, al2+"2026050207", day(2))
			release(srv, al2+"2026050307", day(3), func(i *amisharetest.Image) { i.Deprecated = time.Now().Add(-time.Hour) })
			release(srv, al2+"2026050407", day(4), func(i *amisharetest.Image) { i.State = types.ImageStateFailed })
			release(srv, al2+"2026050507", day(5), func(i *amisharetest.Image) { i.Architecture = types.ArchitectureValuesArm64 })
			release(srv, "HyperPod EKS 1.3 x86_64 AMI Amazon Linux 2 2026050607", day(6))
			release(srv, "HyperPod EKS 1.311 x86_64 AMI Amazon Linux 2 2026050607", day(6))
			release(srv, "HyperPod Slurm x86_64 AMI Ubuntu 22.04 2026050607", day(6))
			release(srv, "al2023-ami-ecs", day(7))
			release(srv, al2+"2026050807", day(8), func(i *amisharetest.Image) { i.Account, i.OwnerAlias = "444455556666", "" })
			return want
		}, eks131},
		"one to be deprecated is fit": {func(srv *amisharetest.Server) string {
			return release(srv, al2+"2026050207", day(2), func(i *amisharetest.Image) { i.Deprecated = time.Now().Add(time.Hour) })
		}, eks131},
		"for Slurm": {func(*amisharetest.Server) string {
			return amisharetest.PublicImage("us-west-2", "slurm", types.ArchitectureValuesArm64)
		}, amishare.Line{Orchestrator: "slurm", Architecture: "arm64"}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := amisharetest.NewServer()
			want := tt.put(srv)
			for range 5 {
				got, err := amishare.Base(t.Context(), shuffled{srv}, tt.line)
				require.NoError(t, err)
				assert.Equal(t, want, got.ID, got)
			}
		})
	}
}

func TestBaseFollowsPages(t *testing.T) {
	srv := amisharetest.NewServer()
	for i := range 3 {
		release(srv, "HyperPod EKS 1.31 x86_64 AMI Amazon Linux 2 202605010"+string(rune('1'+i)), day(1+i))
	}
	got, err := amishare.Base(t.Context(), paged{srv}, eks131)
	require.NoError(t, err)
	assert.Equal(t, "2026050103", got.Build)
	assert.Equal(t, amishare.Line{Orchestrator: "eks", Kubernetes: "1.31", Architecture: "x86_64", OS: "Amazon Linux 2"}, got.Line)
	assert.Equal(t, day(3), got.Created)
}

func TestBaseRefuses(t *testing.T) {
	srv := amisharetest.NewServer()
	for name, line := range map[string]amishare.Line{
		"nothing":               {},
		"unknown orchestrator":  {Orchestrator: "EKS", Kubernetes: "1.31", Architecture: "x86_64"},
		"no Kubernetes":         {Orchestrator: "eks", Architecture: "x86_64"},
		"a pattern":             {Orchestrator: "eks", Kubernetes: "1.*", Architecture: "x86_64"},
		"a patch version":       {Orchestrator: "eks", Kubernetes: "1.31.2", Architecture: "x86_64"},
		"Kubernetes for Slurm":  {Orchestrator: "slurm", Kubernetes: "1.31", Architecture: "x86_64"},
		"no architecture":       {Orchestrator: "slurm"},
		"EC2's word of another": {Orchestrator: "slurm", Architecture: "i386"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := amishare.Base(t.Context(), srv, line)
			require.ErrorIs(t, err, amishare.ErrLine)
		})
	}
	assert.Empty(t, srv.Calls())
	_, err := amishare.Base(t.Context(), srv, eks131)
	require.ErrorIs(t, err, amishare.ErrNoBase)
	require.ErrorContains(t, err, "HyperPod EKS 1.31 x86_64 AMI")
	_, err = amishare.Base(t.Context(), amishare.UnimplementedAPI{}, eks131)
	require.ErrorIs(t, err, amishare.ErrUnimplemented)
}

func TestBehindBase(t *testing.T) {
	const name = "HyperPod EKS 1.31 x86_64 AMI Amazon Linux 2 "
	deprecated := func(i *amisharetest.Image) { i.Deprecated = time.Now().Add(-time.Hour) }
	srv := amisharetest.NewServer()
	first := release(srv, name+"2026050107", day(1), deprecated)
	release(srv, name+"2026050507", day(5), deprecated)
	release(srv, "HyperPod EKS 1.31 x86_64 AMI Amazon Linux 2023 2026050807", day(8))
	newest := release(srv, name+"2026050907", day(9))
	broken := release(srv, name+"2026051007", day(10), deprecated)
	made := func(from string) string { return srv.AddImage(amisharetest.Image{SourceImage: from}) }
	lonely := release(srv, "HyperPod EKS 1.20 x86_64 AMI Amazon Linux 2 2026050107", day(1), deprecated)
	for title, tt := range map[string]struct {
		image    string
		releases int
		age      time.Duration
		newest   string
		err      error
	}{
		"two releases behind":           {image: made(first), releases: 2, age: 8 * 24 * time.Hour, newest: newest},
		"over a golden AMI between":     {image: made(made(first)), releases: 2, age: 8 * 24 * time.Hour, newest: newest},
		"itself a public AMI":           {image: first, releases: 2, age: 8 * 24 * time.Hour, newest: newest},
		"made from the newest":          {image: made(newest), newest: newest},
		"newer than what is not broken": {image: made(broken), newest: broken},
		"base unknown":                  {image: made(""), err: amishare.ErrBaseUnknown},
		"base gone":                     {image: made("ami-0123456789abcdef9"), err: amishare.ErrBaseUnknown},
		"the whole line is deprecated":  {image: made(lonely), err: amishare.ErrNoBase},
		"not there":                     {image: "ami-0123456789abcdef9", err: amishare.ErrImageNotFound},
		"malformed":                     {image: "ami-1", err: amishare.ErrImageID},
		"another account's":             {image: srv.AddImage(amisharetest.Image{Account: "444455556666", SharedWith: []string{"111122223333"}}), err: amishare.ErrNotOwner},
	} {
		t.Run(title, func(t *testing.T) {
			lag, err := amishare.BehindBase(t.Context(), srv, tt.image)
			assert.Equal(t, tt.image, lag.Image)
			if tt.err != nil {
				var about *amishare.ImageError
				require.ErrorAs(t, err, &about)
				require.ErrorIs(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.releases, lag.Releases)
			assert.Equal(t, tt.age, lag.Age)
			assert.Equal(t, tt.newest, lag.Newest.ID)
		})
	}
	_, err := amishare.BehindBase(t.Context(), failing{err: amishare.ErrUnimplemented}, first)
	require.ErrorIs(t, err, amishare.ErrUnimplemented)
}
