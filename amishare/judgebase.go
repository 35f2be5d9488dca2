package amishare

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// base tells what the AMI was made from: a HyperPod public AMI, as the developer
// guide asks, for the cluster's orchestrator. EC2 forgets the source when the AMI
// was registered from a snapshot, and a base may be gone, so nothing of this is an
// error.
func (j *judge) base(img types.Image) {
	from := j.seen.origin(img)
	at := fmt.Sprintf("%s (%q)", aws.ToString(from.at.ImageId), aws.ToString(from.at.Name))
	switch {
	case from.gone != "":
		j.find(hyperpodkit.Warning, RuleBase, j.use.Image, "was made from "+from.gone+", which cannot be seen here: it is gone, private or in another Region",
			"make sure that it was a HyperPod public AMI")
	case classify(from.at) == ImagePublic:
		j.line(from.at, hyperpodkit.Warning)
	case aws.ToString(from.at.ImageOwnerAlias) != "":
		j.find(hyperpodkit.Warning, RuleBase, j.use.Image, "goes back to "+at+", which is no HyperPod public AMI",
			"build the AMI from a HyperPod public AMI")
	default:
		j.find(hyperpodkit.Unknown, RuleBase, j.use.Image, "does not tell which HyperPod public AMI it was made from", "make sure that it was made from one")
	}
}

// line compares the name of a HyperPod public AMI, which is the image or its base,
// with the cluster. Only the name tells, so a wrong minor version is never an error.
func (j *judge) line(public types.Image, level hyperpodkit.Level) {
	is, _ := lineOf(aws.ToString(public.Name))
	verb, fix := "is", "use a HyperPod AMI for "
	if id := aws.ToString(public.ImageId); id != j.use.Image {
		verb, fix = "was made from "+id+", which is", "build the AMI from a HyperPod public AMI for "
	}
	found := func(what string) string { return fmt.Sprintf("%s %s (%q)", verb, what, aws.ToString(public.Name)) }
	switch {
	case j.use.Orchestrator == "" || is.Orchestrator == j.use.Orchestrator:
	case is.Orchestrator == "":
		j.find(hyperpodkit.Unknown, RuleOrchestrator, j.use.Image, found("for an orchestrator that its name does not tell"),
			"make sure that it is for "+j.use.Orchestrator)
	default:
		j.find(level, RuleOrchestrator, j.use.Image, found("for "+is.Orchestrator)+", but the cluster runs "+j.use.Orchestrator, fix+j.use.Orchestrator)
	}
	if j.use.Kubernetes != "" && is.Kubernetes != "" && is.Kubernetes != j.use.Kubernetes {
		j.find(hyperpodkit.Warning, RuleKubernetes, j.use.Image,
			found("for Kubernetes "+is.Kubernetes)+", but the cluster runs "+j.use.Kubernetes, fix+"Kubernetes "+j.use.Kubernetes)
	}
}
