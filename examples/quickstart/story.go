package main

import (
	"context"
	"fmt"
	"io"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// story is told in steps, on a stage that the emulators or an account set.
type story struct {
	names   names
	region  string
	cluster *hyperpod.Cluster
	checker *amishare.Checker
	tagger  *amishare.Tagger
	consent consent
	out     io.Writer

	real     bool     // whether what is left behind exists
	untagged []string // AMIs that the check found to lack the tag, or whose snapshots do
	created  bool     // whether the story's cluster was created and not deleted
}

// newStory puts the library onto two clients, in the way any program would.
func newStory(n names, region string, sm hyperpod.API, ec2 amishare.TaggerAPI, ask consent, out io.Writer, optFns ...func(*hyperpod.Options)) *story {
	checker := amishare.NewChecker(ec2)
	client := hyperpod.New(sm, append(optFns, func(o *hyperpod.Options) {
		o.Images = checker
		o.OnEvent = progress.New(out).OnEvent
	})...)
	return &story{
		names: n, region: region, consent: ask, out: out,
		cluster: client.Cluster(n.cluster), checker: checker, tagger: amishare.NewTagger(ec2),
	}
}

// step is one part of the story.
type step struct {
	name  string
	shows string
	do    func(context.Context) error
}

func (s *story) steps() []step {
	steps := []step{
		{"policy", "The smallest IAM policies for what follows; that of the tag is for a role of its own.", s.generatePolicies},
		{"check", "Each AMI is looked at before it is used: the tag that allows to share it must be on its snapshot too.", s.checkImages},
		{"tag", "The tag is set where it is missing, and then nothing is wrong any more.", s.tagImages},
		{"create", "A cluster of two groups comes up on the AMI, and the call returns when all instances are there.", s.create},
		{"update", "One group grows and one is added, in one request: planned, shown as a diff, then applied.", s.update},
		{"roll", "All groups move to the next AMI, half of their nodes at a time.", s.roll},
	}
	if s.names.broken != "" {
		steps = append(steps, step{
			"failing roll",
			"An AMI on which the lifecycle script fails: the service rolls back, and the error says why. This step is right if it fails so.",
			s.rollBroken,
		})
	}
	return append(steps, step{"delete", "The cluster is deleted, and the call returns when it is gone.", s.delete})
}

// stepError is a step that did not end as it should.
type stepError struct {
	number int
	name   string
	left   string // how to delete the cluster that is left behind, empty for none
	err    error
}

func (e *stepError) Error() string {
	text := fmt.Sprintf("step %d, %s, did not end as it should: %v", e.number, e.name, e.err)
	if e.left != "" {
		text += "\nthe cluster is left as it is; to delete it: " + e.left
	}
	return text
}

func (e *stepError) Unwrap() error { return e.err }

// tell goes through the steps, and ends at the first that does not end as it should.
func (s *story) tell(ctx context.Context) error {
	for i, step := range s.steps() {
		s.printf("%d. %s\n\n", i+1, step.shows)
		if err := step.do(ctx); err != nil {
			e := &stepError{number: i + 1, name: step.name, err: err}
			if s.created && s.real {
				e.left = fmt.Sprintf("aws sagemaker delete-cluster --region %s --cluster-name %s", s.region, s.names.cluster)
			}
			return e
		}
		s.printf("\n")
	}
	s.printf("Every step ended as it should.\n")
	return nil
}

func (s *story) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format, args...) // a reader who has gone stops nothing
}
