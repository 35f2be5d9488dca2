package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// assertInOrder finds the lines in a text, each after the one before. A line may be
// given by its beginning.
func assertInOrder(t *testing.T, text string, lines ...string) {
	t.Helper()
	rest := "\n" + text
	for _, line := range lines {
		_, after, found := strings.Cut(rest, "\n"+line)
		if !assert.True(t, found, "no line %q in what follows the lines before it:\n%s", line, rest) {
			return
		}
		rest = after
	}
}

func TestTheStoryOnTheEmulators(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, errs bytes.Buffer
		started := time.Now()
		status := run(t.Context(), nil, console{in: strings.NewReader(""), out: &out, err: &errs})
		assert.Zero(t, status)
		assert.Empty(t, errs.String())
		assert.Less(t, time.Since(started), 20*time.Second)
		assertInOrder(
			t, out.String(),
			"1. ",
			`      "Sid": "ImagesTaggedForSharing",`,
			`        "sagemaker:UpdateClusterSoftware"`,
			`      "Sid": "GuardTagOnly",`,
			"2. ",
			"ami-0123456789abcdef0 snap-40b9d4a7a95df6fa2  error  snapshot-guard-tag  lacks the tag AllowSharing=true",
			"3. ",
			"snap-40b9d4a7a95df6fa2  AllowSharing=true  set and verified",
			"ami-0123456789abcdef0  ok ",
			"4. ",
			"create train  called CreateCluster",
			"create train  workers Creating 0/2",
			"create train  workers InService 2/2",
			"create train  done",
			"create cluster train (arn:aws:sagemaker:us-west-2:111122223333:cluster/",
			"  login    in service  1 of 1     ami-0123456789abcdef0",
			"5. ",
			"plan for cluster train ",
			"      ~ InstanceCount  2 -> 4",
			"  + group debug",
			"update train  called UpdateCluster",
			"update train  workers Updating 2/4",
			"update train  done",
			"  workers  in service  4 of 4     ami-0123456789abcdef0",
			"6. ",
			"roll image on train  workers InProgress 2/4",
			"roll image on train  done",
			"  workers  on the image  4 of 4     ami-0fedcba9876543210",
			"  login    on the image  1 of 1     ami-0fedcba9876543210",
			"  debug    on the image  1 of 1     ami-0fedcba9876543210",
			"7. ",
			"roll image on train  workers RollbackInProgress ",
			"roll image on train  failed",
			"  workers  rolled back  4 of 4     ami-0fedcba9876543210",
			"As it should be, errors.Is(err, waiter.ErrRolledBack).",
			"  cluster train ",
			"8. ",
			"delete train  done",
			"delete cluster train ",
			"Every step ended as it should.",
		)
		assert.Contains(t, out.String(), " of workers  Running  Lifecycle script on_create.sh exited with status 127: nvidia-smi: command not found")
		assert.NotContains(t, out.String(), "\x1b", "what is no terminal gets no escape sequences")
	})
}

// rehearsal is the story on emulators that are done by the next look.
func rehearsal(out io.Writer, optFns ...func(*hyperpodtest.Options)) (*story, *hyperpodtest.Server) {
	images := amisharetest.NewServer()
	stock(images)
	clusters := hyperpodtest.NewServer(append(optFns, func(o *hyperpodtest.Options) { o.Images = images })...)
	return newStory(emulated, region, clusters.Client(), images.Client(), consentToAll, out), clusters
}

func TestARollThatShouldFailAndDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := rehearsal(io.Discard)
		err := s.tell(t.Context())
		require.EqualError(t, err, "step 7, failing roll, did not end as it should: AMI ami-0badbadbadbadbad0 was to fail, and workers run it")
	})
}

func TestARollThatShouldNotFailAndDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s, clusters := rehearsal(&out)
		s.real = true
		clusters.FailLifecycle(emulated.next, "no such driver")
		err := s.tell(t.Context())
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		require.ErrorContains(t, err, "step 6, roll, did not end as it should: ")
		require.ErrorContains(t, err, "\nthe cluster is left as it is; to delete it: aws sagemaker delete-cluster --region us-west-2 --cluster-name train")
		assertInOrder(t, out.String(), "6. ", "  workers  rolled back  4 of 4     ami-0123456789abcdef0")
		assert.NotContains(t, out.String(), "7. ")
	})
}

func TestAnAMIThatTaggingDoesNotCure(t *testing.T) {
	s, clusters := rehearsal(io.Discard)
	s.names.next = "ami-00000000000000000"
	require.ErrorContains(t, s.tell(t.Context()), "step 2, check, did not end as it should: AMI ami-00000000000000000 cannot be used: ")
	assert.Empty(t, clusters.Calls())
}

func TestTaggingThatCuresNothing(t *testing.T) {
	s, _ := rehearsal(io.Discard)
	require.EqualError(t, s.tagImages(t.Context()), "the check still finds errors after 0 of the AMIs were tagged", "the check has not named them")
}

// Nobody is told to delete a cluster that the story found there.
func TestAClusterThatExists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, _ := rehearsal(io.Discard)
		require.NoError(t, before.checkImages(t.Context()))
		require.NoError(t, before.tagImages(t.Context()))
		require.NoError(t, before.create(t.Context()))
		time.Sleep(time.Hour)
		s, _ := rehearsal(io.Discard)
		s.cluster, s.real = before.cluster, true
		err := s.tell(t.Context())
		require.ErrorIs(t, err, hyperpod.ErrClusterExists)
		require.ErrorContains(t, err, "step 4, create, ")
		assert.NotContains(t, err.Error(), "delete-cluster")
	})
}

func TestADeletionThatIsRefused(t *testing.T) {
	s, _ := rehearsal(io.Discard)
	s.created = true
	require.ErrorIs(t, s.delete(t.Context()), hyperpod.ErrClusterNotFound)
	assert.True(t, s.created)
}

// What Ctrl-C does: the context is cancelled, and what was done is still reported.
func TestInterruptedStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		s, _ := rehearsal(&out, hyperpodtest.Realistic)
		s.real = true
		time.AfterFunc(7*time.Minute, cancel)
		err := s.tell(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "step 4, create, ")
		require.ErrorContains(t, err, "\nthe cluster is left as it is; to delete it: ")
		assertInOrder(t, out.String(), "create train  failed", "create cluster train (arn:", "  called CreateCluster", "  workers  undecided  0 of 2 ")
	})
}

func TestTheFailingStepIsLeftOutWithoutItsAMI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s, _ := rehearsal(&out)
		s.names.broken = ""
		require.NoError(t, s.tell(t.Context()))
		assert.NotContains(t, out.String(), emulated.broken)
		assertInOrder(t, out.String(), "6. All groups move", "7. The cluster is deleted")
	})
}
