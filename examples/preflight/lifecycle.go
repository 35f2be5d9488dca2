package preflight

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// S3API is what [Lifecycle] calls.
type S3API interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Lifecycle reads each lifecycle script from S3, with s3:GetObject. Nodes fetch the
// scripts when they start, so a script that is missing or cannot run shows only after
// the service has accepted the request.
type Lifecycle struct{ API S3API }

var _ hyperpod.LifecycleChecker = Lifecycle{}

// most is how much of a script is read.
const most = 1 << 20

// CheckLifecycle finds a script that is not there, is empty, has lines that end in CR
// LF, or lies where the managed policy of the execution role does not reach.
func (c Lifecycle) CheckLifecycle(ctx context.Context, use hyperpod.LifecycleUse) ([]hyperpodkit.Finding, error) {
	f := &findings{path: use.Path}
	location, isS3 := strings.CutPrefix(use.SourceS3URI, "s3://")
	if !isS3 {
		f.add(hyperpodkit.Unknown, "lifecycle-object", use.SourceS3URI, "not looked at, since it is no s3:// URI", "")
		return f.list, nil
	}
	bucket, prefix, _ := strings.Cut(location, "/")
	key := use.Script
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		key = prefix + "/" + use.Script
	}
	uri := "s3://" + bucket + "/" + key
	// SDK, ClusterLifeCycleConfig.SourceS3Uri: AmazonSageMakerClusterInstanceRolePolicy
	// allows access to buckets whose names begin so.
	if !strings.HasPrefix(bucket, "sagemaker-") {
		f.add(hyperpodkit.Warning, "lifecycle-bucket", uri, "the bucket's name does not begin with sagemaker-, as AmazonSageMakerClusterInstanceRolePolicy asks for",
			"allow the execution role s3:GetObject and s3:ListBucket on it")
	}
	out, err := c.API.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	switch code(err) {
	case "NoSuchKey":
		f.add(hyperpodkit.Error, "lifecycle-object", uri, "the script does not exist", "upload it before the instances start")
		return f.list, nil
	case "NoSuchBucket":
		f.add(hyperpodkit.Error, "lifecycle-object", uri, "the bucket does not exist", "check the URI")
		return f.list, nil
	}
	if err != nil {
		// S3 answers so too for an object that does not exist, to a caller without
		// s3:ListBucket (S3 API reference, GetObject).
		return f.unless(err, "lifecycle-object", uri, "s3:GetObject and s3:ListBucket")
	}
	defer func() { _ = out.Body.Close() }()
	script, err := io.ReadAll(io.LimitReader(out.Body, most))
	if err != nil {
		return f.list, fmt.Errorf("read %s: %w", uri, err)
	}
	lines(f, uri, script)
	return f.list, nil
}

// lines judges a script's text. A first line that ends in CR names an interpreter that
// does not exist, since the kernel takes the CR for a part of the name (execve(2)).
func lines(f *findings, uri string, script []byte) {
	first, _, _ := bytes.Cut(script, []byte("\n"))
	switch {
	case len(script) == 0:
		f.add(hyperpodkit.Error, "lifecycle-empty", uri, "the script is empty", "upload it again")
	case bytes.HasPrefix(first, []byte("#!")) && bytes.HasSuffix(first, []byte("\r")):
		f.add(hyperpodkit.Error, "lifecycle-line-ends", uri, "its lines end in CR LF, so its interpreter is not found", "convert it with dos2unix and upload it again")
	case bytes.Contains(script, []byte("\r\n")):
		f.add(hyperpodkit.Warning, "lifecycle-line-ends", uri, "some of its lines end in CR LF, which a shell takes for a part of the last word", "convert it with dos2unix and upload it again")
	}
}
