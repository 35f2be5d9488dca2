package amishare

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/internal/instancetype"
)

// Line is a line of HyperPod's public AMIs, each of which replaces the one before.
type Line struct {
	// Orchestrator is "eks" or "slurm".
	Orchestrator string
	// Kubernetes is the minor version, such as "1.32". Empty for Slurm.
	Kubernetes string
	// Architecture is "x86_64" or "arm64".
	Architecture string
	// OS is the operating system as the AMIs' names have it, such as "Amazon Linux
	// 2023". Empty means any.
	OS string
}

// minorVersion is the form of a minor version of Kubernetes.
var minorVersion = regexp.MustCompile(`^[0-9]+\.[0-9]+$`)

// publicPrefix is how the names of HyperPod's public AMIs begin.
const publicPrefix = "HyperPod "

// orchestratorName returns how the names of AMIs write an orchestrator, and nothing for
// an unknown one.
func orchestratorName(orchestrator string) string {
	switch orchestrator {
	case "eks":
		return "EKS"
	case "slurm":
		return "Slurm"
	default:
		return ""
	}
}

// String returns the beginning that the names of the line's AMIs have in common.
func (l Line) String() string {
	parts := []string{"HyperPod", orchestratorName(l.Orchestrator), l.Kubernetes, l.Architecture, "AMI", l.OS}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

func (l Line) check() error {
	switch {
	case orchestratorName(l.Orchestrator) == "":
		return fmt.Errorf(`%w: Orchestrator: want "eks" or "slurm", %s`, ErrLine, got(l.Orchestrator))
	case l.Orchestrator == "eks" && !minorVersion.MatchString(l.Kubernetes):
		return fmt.Errorf(`%w: Kubernetes: want a minor version such as "1.32", %s`, ErrLine, got(l.Kubernetes))
	case l.Orchestrator == "slurm" && l.Kubernetes != "":
		return fmt.Errorf("%w: Kubernetes: want nothing for Slurm, %s", ErrLine, got(l.Kubernetes))
	case l.Architecture != instancetype.X8664 && l.Architecture != instancetype.ARM64:
		return fmt.Errorf("%w: Architecture: want %q or %q, %s", ErrLine, instancetype.X8664, instancetype.ARM64, got(l.Architecture))
	default:
		return nil
	}
}

// lineOf reads the name of a HyperPod public AMI, such as "HyperPod EKS 1.32 x86_64
// AMI Amazon Linux 2 2025080407" (developer guide, "Get the base AMI"), and returns
// what the name tells, with the stamp of the build at its end. The guide gives no
// grammar: of another name only what can be read is there.
func lineOf(name string) (line Line, build string) {
	rest, ok := strings.CutPrefix(name, publicPrefix)
	if !ok {
		return Line{}, ""
	}
	before, after, _ := strings.Cut(rest, " AMI ")
	for i, word := range strings.Fields(before) {
		switch {
		case i == 0 && word == "EKS":
			line.Orchestrator = "eks"
		case i == 0 && word == "Slurm":
			line.Orchestrator = "slurm"
		case minorVersion.MatchString(word) && line.Orchestrator == "eks":
			line.Kubernetes = word
		case word == instancetype.X8664 || word == instancetype.ARM64:
			line.Architecture = word
		}
	}
	words := strings.Fields(after)
	if n := len(words); n > 0 && len(words[n-1]) >= len("20250804") && strings.Trim(words[n-1], "0123456789") == "" {
		words, build = words[:n-1], words[n-1]
	}
	line.OS = strings.Join(words, " ")
	return line, build
}
