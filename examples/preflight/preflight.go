// Package preflight has ready checks of what a HyperPod cluster needs outside
// SageMaker, for the Preflights of package hyperpod:
//
//	cfg, err := config.LoadDefaultConfig(ctx)
//	hp := hyperpod.New(sagemaker.NewFromConfig(cfg), func(o *hyperpod.Options) {
//		o.Preflights = preflight.FromConfig(cfg).Preflights()
//	})
//
// Each check is a file of its own with the calls that it makes in an interface of its
// own. The library itself does not import these services of the SDK; this package is
// there to copy, in whole or by the file.
//
// Every call only reads, and must be made in the account and Region of the cluster.
// Where the caller may not look, the finding is of level unknown and the workflow goes
// on; any other failure of a call stops it.
package preflight

import (
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Clients are what the checks call. A check whose client is nil is left out; the
// check of EKS clusters reads the images' versions from EC2 when that is there.
type Clients struct {
	S3     S3API
	IAM    IAMAPI
	EC2    EC2API
	EKS    EKSAPI
	Quotas QuotasAPI
}

// FromConfig makes all clients of one configuration.
func FromConfig(cfg aws.Config) Clients {
	return Clients{
		S3: s3.NewFromConfig(cfg), IAM: iam.NewFromConfig(cfg), EC2: ec2.NewFromConfig(cfg),
		EKS: eks.NewFromConfig(cfg), Quotas: servicequotas.NewFromConfig(cfg),
	}
}

// Preflights are the checks that the clients allow.
func (c Clients) Preflights() hyperpod.Preflights {
	var p hyperpod.Preflights
	if c.S3 != nil {
		p.Lifecycle = Lifecycle{API: c.S3}
	}
	if c.IAM != nil {
		p.Roles = Roles{API: c.IAM}
	}
	if c.EC2 != nil {
		p.Network = Network{API: c.EC2}
	}
	if c.EKS != nil {
		check := EKS{API: c.EKS}
		if c.EC2 != nil {
			check.Version = ImageNames{API: c.EC2}.Version
		}
		p.EKS = check
	}
	if c.Quotas != nil {
		p.Quotas = Quotas{API: c.Quotas}
	}
	return p
}

// findings collects what one check finds on one path.
type findings struct {
	path string
	list []hyperpodkit.Finding
}

func (f *findings) add(level hyperpodkit.Level, rule, resource, found, fix string) {
	f.list = append(f.list, hyperpodkit.Finding{Level: level, Rule: rule, Resource: resource, Path: f.path, Found: found, Fix: fix})
}

// unless answers a call that failed: that the caller may not look is a finding, and
// anything else an error.
func (f *findings) unless(err error, rule, resource, action string) ([]hyperpodkit.Finding, error) {
	if !denied(err) {
		return f.list, err
	}
	f.add(hyperpodkit.Unknown, rule, resource, "not looked at, since the caller may not "+action, "allow the caller "+action)
	return f.list, nil
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func denied(err error) bool {
	switch code(err) {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden":
		return true
	default:
		response, ok := errors.AsType[interface {
			error
			HTTPStatusCode() int
		}](err)
		return ok && response.HTTPStatusCode() == http.StatusForbidden && code(err) == ""
	}
}

// arnFields splits an ARN into its six parts. ok is false for anything else.
func arnFields(arn string) (fields []string, ok bool) {
	fields = strings.SplitN(arn, ":", 6)
	return fields, len(fields) == 6 && fields[0] == "arn"
}
