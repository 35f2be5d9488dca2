package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func (v *validator) images(path string, values []string, kind string, form *regexp.Regexp) {
	for i, value := range values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !strings.HasPrefix(value, "arn:") {
			if !form.MatchString(value) {
				v.problem(at, "%q is no id of %s %s; write ids without wildcards, or leave the list empty for all", value, article(kind), kind)
			}
			continue
		}
		fields := strings.SplitN(value, ":", arnFields)
		if len(fields) == arnFields && fields[4] != "" {
			v.problem(at, "%q names account %s; the ARN of %s %s has an empty account field, and never matches with one: leave it out", value, fields[4], article(kind), kind)
			continue
		}
		v.arn(at, value, wantedARN{"ec2", v.scope.Region, "", kind, form, kind + "/ID"})
	}
}

// sourceRegions checks that AMIs can be copied from there: EC2 copies none from
// another partition.
func (v *validator) sourceRegions() {
	for i, region := range v.scope.Sources.Regions {
		path := fmt.Sprintf("Scope.Sources.Regions[%d]", i)
		switch {
		case !regionForm.MatchString(region):
			v.problem(path, "%q is no Region; name one, such as eu-west-1", region)
		case partitionOf(region) != partitionOf(v.scope.Region):
			v.problem(path, "%s is not in partition %s; AMIs are not copied between partitions", region, partitionOf(v.scope.Region))
		}
	}
}

// sourceKeys checks that AMIs are copied from the keys' Regions.
func (v *validator) sourceKeys() {
	from := append([]string{v.scope.Region}, v.scope.Sources.Regions...)
	for i, arn := range v.scope.Sources.KMSKeys {
		path := fmt.Sprintf("Scope.Sources.KMSKeys[%d]", i)
		region := v.scope.Region
		if fields := strings.SplitN(arn, ":", arnFields); len(fields) == arnFields {
			if region = fields[3]; !slices.Contains(from, region) {
				v.problem(path, "%q is of Region %q, from which nothing is copied: add the Region to Sources.Regions", arn, region)
				continue
			}
		}
		v.arn(path, arn, wantedARN{"kms", region, anyAccount, "key", keyForm, wantedKey})
	}
}
