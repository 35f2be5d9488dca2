// Package hyperpodkit is the root of a library for people who run SageMaker
// HyperPod clusters on golden AMIs. It holds the two types that its packages
// share without importing each other, [Finding] and [ImageUse]; the work is done in the
// packages below.
//
// # Jobs
//
//   - Create, scale, change, roll and delete clusters:
//     [github.com/hyperpodkit/hyperpodkit/hyperpod], each as one call that checks first,
//     waits, and tells what was done.
//   - Roll an image over many clusters, wave after wave:
//     [github.com/hyperpodkit/hyperpodkit/hyperpod/rollout].
//   - Check whether an AMI is fit and allowed for HyperPod; tag, share, copy, audit and
//     retire it: [github.com/hyperpodkit/hyperpodkit/amishare].
//   - Generate the IAM policy for exactly the workflows that a program runs, explain,
//     lint, compare and evaluate it: [github.com/hyperpodkit/hyperpodkit/policy].
//   - Wait for clusters, instance groups, nodes and software updates, and learn why a wait
//     failed: [github.com/hyperpodkit/hyperpodkit/waiter].
//
// # Options
//
// A constructor takes a client of the SDK, or any fake of the few operations that its
// package calls, and functions over an exported Options struct, whose zero value works. No
// zero value means all groups, all clusters or everybody: what is dangerous is asked for in
// words.
//
// # Errors
//
// A check reports a [Finding] for each thing that it sees. One of level [Error] ends a
// workflow before its first mutating call. Errors are told apart by errors.Is and
// errors.As, never by their text, and have the SDK's own in their tree. The report of a
// workflow is never nil, also beside an error: what was done is always told.
//
// # Testing
//
// [github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest] and
// [github.com/hyperpodkit/hyperpodkit/amishare/amisharetest] are emulators of the two
// services, with real clients of the SDK, so that a program that uses all this can be
// tested on a laptop.
package hyperpodkit

import (
	"errors"
	"strconv"
)

// Level says how sure a [Finding] is that something is wrong.
type Level uint8

const (
	// Unknown marks something that could not be seen or judged from where the
	// check stood. It never stops a workflow.
	Unknown Level = iota
	// Warning marks what is legal but likely to hurt. It never stops a workflow.
	Warning
	// Error marks what the service surely refuses. A workflow stops before its
	// first mutating call.
	Error
)

// String returns "unknown", "warning" or "error".
func (l Level) String() string {
	switch l {
	case Unknown:
		return "unknown"
	case Warning:
		return "warning"
	case Error:
		return "error"
	default:
		return "invalid"
	}
}

// MarshalText encodes the level as its name, so that findings read well as JSON.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a level's name.
func (l *Level) UnmarshalText(text []byte) error {
	for level := Unknown; level <= Error; level++ {
		if level.String() == string(text) {
			*l = level
			return nil
		}
	}
	return errors.New("finding level " + strconv.Quote(string(text)) + ": use unknown, warning or error")
}

// Finding is one result of a check: what is wrong, where, and what to do.
// Its zero value says nothing.
type Finding struct {
	// Level is how sure the check is.
	Level Level
	// Rule names the rule that was applied, in lower case with hyphens, such as
	// "snapshot-guard-tag". It is stable: programs may switch on it.
	Rule string
	// Resource is the ARN or id of what was looked at. Empty when the finding is
	// about the request alone.
	Resource string
	// Path is the path of the request's member that led to the finding, such as
	// "InstanceGroups[0].ImageId". Empty when no request is involved.
	Path string
	// Found is what was found, as a clause without a final stop.
	Found string
	// Fix is what to do about it. Empty when nothing can be done.
	Fix string
}

// String returns the finding as one line.
func (f Finding) String() string {
	s := f.Level.String() + ": "
	switch {
	case f.Path != "" && f.Resource != "":
		s += f.Path + " (" + f.Resource + "): "
	case f.Path != "":
		s += f.Path + ": "
	case f.Resource != "":
		s += f.Resource + ": "
	}
	s += f.Found
	if f.Fix != "" {
		s += "; " + f.Fix
	}
	if f.Rule != "" {
		s += " [" + f.Rule + "]"
	}
	return s
}

// ImageUse says what an image is meant for, so that a checker can judge it.
// Members left at their zero value are not judged.
type ImageUse struct {
	// Image is an AMI id, or "default" for HyperPod's own newest image.
	Image string
	// InstanceTypes are the HyperPod instance types that are to run the image,
	// such as "ml.p5.48xlarge".
	InstanceTypes []string
	// RootVolumeKey is the KMS key of the group's root volume, in the form the
	// group uses: key id, alias or ARN. Empty when the group names none.
	RootVolumeKey string
	// Orchestrator is "eks" or "slurm", or empty when unknown.
	Orchestrator string
	// Kubernetes is the minor version of the EKS cluster, such as "1.32". Empty when
	// unknown, and for Slurm.
	Kubernetes string
	// Region is the cluster's Region. AMI ids mean something in one Region only.
	Region string
	// Path is where the image stands in the request, such as
	// "InstanceGroups[0].ImageId". It is copied to the findings.
	Path string
}
