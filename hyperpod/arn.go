package hyperpod

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// accountOf is the account in an ARN, empty in anything else.
func accountOf(s string) string {
	a, _ := arn.Parse(s)
	return a.AccountID
}

// regionOf is the Region in an ARN, empty in anything else.
func regionOf(s string) string {
	a, _ := arn.Parse(s)
	return a.Region
}

// clusterID is the last part of a cluster's ARN, which is not its name.
func clusterID(arn string) string {
	_, id, _ := strings.Cut(arn, "/")
	return id
}
