package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// resources judges Resource: the form of ARNs, and whether they fit the actions.
func (l *linter) resources() {
	for i, value := range l.raw.Resource.Items {
		element := fmt.Sprintf("Resource[%d]", i)
		if l.raw.Resource.Single && len(l.raw.Resource.Items) == 1 {
			element = "Resource"
		}
		f := strings.SplitN(value, ":", arnFields)
		if strings.HasPrefix(value, "arn:") && len(f) < arnFields && !strings.Contains(value, "${") {
			l.add(LintError, "MISSING_ARN_FIELD", element, fmt.Sprintf("%q has %d of the six fields of an ARN: the rest counts as *", value, len(f)), "write them all")
		}
		if len(f) < arnFields || strings.Contains(value, "${") {
			continue
		}
		if f[2] != strings.ToLower(f[2]) {
			l.add(LintError, "INVALID_ARN_SERVICE_CASE", element, fmt.Sprintf("%q is no service: ARNs are compared with regard to case", f[2]), "write "+strings.ToLower(f[2]))
		}
		switch region := f[3]; {
		case region == "" || strings.ContainsAny(region, "*?"):
		case f[2] == "iam" || f[2] == "s3":
			l.add(LintError, "ARN_REGION_NOT_ALLOWED", element, "the ARNs of "+f[2]+" have no Region: this one matches none", "leave the Region empty")
		case !regionForm.MatchString(region):
			l.add(LintError, "INVALID_ARN_REGION", element, fmt.Sprintf("%q is no Region", region), "write one, such as us-west-2")
		}
		if _, known := lookupPartition(f[1]); !known && !strings.ContainsAny(f[1], "*?") {
			l.add(LintError, "INVALID_PARTITION", element, fmt.Sprintf("%q is no partition", f[1]), "use aws, aws-cn, aws-us-gov or another that exists")
		}
		if a := f[4]; a != "" && !strings.ContainsAny(a, "*?") && a != "aws" && !accountForm.MatchString(a) {
			l.add(LintError, "INVALID_ARN_ACCOUNT", element, fmt.Sprintf("%q is no account id", a), "write twelve digits")
		}
		kind, id, _ := strings.Cut(f[5], "/")
		switch {
		case f[2] == "ec2" && (kind == "image" || kind == "snapshot") && f[4] != "" && f[4] != "*":
			l.add(LintError, "ARN_ACCOUNT_NOT_ALLOWED", element, "the ARN of an AMI or snapshot has no account: this one matches none", "leave the account empty")
		case f[2] == "sagemaker" && kind == "cluster" && !strings.ContainsAny(id, "*?") && !clusterIDForm.MatchString(id):
			l.add(LintError, "HYPERPOD_CLUSTER_ARN_BY_NAME", element, fmt.Sprintf("%q is no id of a cluster: ARNs of clusters end in twelve characters that the service chose, not in the name", id), "take ClusterArn from DescribeCluster")
		}
	}
	if slices.Contains(l.raw.Resource.Items, "*") || l.raw.NotResource.Present() {
		return
	}
	for _, a := range l.named() {
		switch {
		case len(a.Resources) == 0:
			l.add(LintError, "UNSUPPORTED_RESOURCE_ARN_IN_POLICY", "Resource", a.Name+" takes no resource, so that the statement never matches it", `move it to a statement with "Resource": "*"`)
		case !a.MoreResources && !slices.ContainsFunc(l.raw.Resource.Items, func(v string) bool { return fits(a, v) }):
			l.add(LintError, "UNSUPPORTED_RESOURCE_ARN_IN_POLICY", "Resource", fmt.Sprintf("%s works on %s, and no resource of the statement is one", a.Name, resourceNames(a)), "name such a resource")
		}
	}
}

var variableForm = regexp.MustCompile(`\$\{[A-Za-z]+\}`)

// fits tells whether a value of Resource may be a resource that an action works on.
func fits(a Action, value string) bool {
	v, err := newResourcePattern(value, true)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(a.Resources, func(r ResourceType) bool {
		// A * alone in a field would run past the field's end.
		form, err := newResourcePattern(variableForm.ReplaceAllString(r.ARN, "*?"), false)
		return err != nil || form.overlaps(&v)
	})
}

// onlyListed tells whether the statement is about no other types of resource than those
// that are known of an action.
func (l *linter) onlyListed(a Action) bool {
	return l.raw.Resource.Present() && !slices.ContainsFunc(l.raw.Resource.Items, func(value string) bool {
		v, err := newResourcePattern(value, true)
		return err != nil || !slices.ContainsFunc(a.Resources, func(r ResourceType) bool {
			form, err := newResourcePattern(variableForm.ReplaceAllString(r.ARN, "*"), false)
			return err == nil && form.covers(&v)
		})
	})
}

// takesInAll tells whether a value of Resource takes in all that two unlike examples of a
// kind of resource stand for, in some partition, Region and account.
func takesInAll(value, place string, examples ...string) bool {
	v, err := newResourcePattern(value, true)
	return err == nil && !slices.ContainsFunc(examples, func(example string) bool {
		form, err := newResourcePattern("arn:*?:"+place+":"+example, false)
		return err != nil || !form.overlaps(&v)
	})
}

func resourceNames(a Action) string {
	var names []string
	for _, r := range a.Resources {
		names = append(names, r.Name)
	}
	return strings.Join(names, ", ")
}
