package amisharetest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// enableImageDeprecation keeps to the limits of the SDK's doc comment: a date to the
// nearest minute, not in the past and at most ten years ahead, for a public AMI at most
// two years after its creation. The codes of the refusals are inferred.
func enableImageDeprecation(r *request, in *ec2.EnableImageDeprecationInput) (*ec2.EnableImageDeprecationOutput, func(), error) {
	if err := r.allow("EnableImageDeprecation", r.imageResource(aws.ToString(in.ImageId))); err != nil {
		return nil, nil, err
	}
	img, err := r.ownImage(in.ImageId)
	if err != nil {
		return nil, nil, err
	}
	if in.DeprecateAt == nil {
		return nil, nil, missing("DeprecateAt")
	}
	latest := r.now.AddDate(10, 0, 0)
	if created, err := time.Parse(time.RFC3339, aws.ToString(img.CreationDate)); err == nil && img.grants.public() {
		latest = created.AddDate(2, 0, 0)
	}
	at := in.DeprecateAt.Round(time.Minute)
	if at.Before(r.now) || at.After(latest) {
		return nil, nil, refuse("InvalidParameterValue", "The deprecation time %s must be between now and %s", timestamp(at), timestamp(latest))
	}
	return &ec2.EnableImageDeprecationOutput{Return: aws.Bool(true)}, func() { img.DeprecationTime = aws.String(timestamp(at)) }, nil
}

func disableImageDeprecation(r *request, in *ec2.DisableImageDeprecationInput) (*ec2.DisableImageDeprecationOutput, func(), error) {
	if err := r.allow("DisableImageDeprecation", r.imageResource(aws.ToString(in.ImageId))); err != nil {
		return nil, nil, err
	}
	img, err := r.ownImage(in.ImageId)
	if err != nil {
		return nil, nil, err
	}
	return &ec2.DisableImageDeprecationOutput{Return: aws.Bool(true)}, func() { img.DeprecationTime = nil }, nil
}
