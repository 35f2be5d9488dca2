package amishare_test

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

var guard = map[string]string{"AllowSharing": "true"}

// golden is an AMI with which nothing is wrong.
func golden() amisharetest.Image {
	return amisharetest.Image{
		Tags: guard, SnapshotTags: guard,
		SourceImage: amisharetest.PublicImage(amisharetest.DefaultRegion, "eks", types.ArchitectureValuesX8664),
	}
}

// rules reduces findings to what the tables compare: level and rule.
func rules(findings []hyperpodkit.Finding) []string {
	list := []string{}
	for _, f := range findings {
		list = append(list, f.Level.String()+" "+f.Rule)
	}
	return list
}
