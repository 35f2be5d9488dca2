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
		if len(f) < arnFields || strings.Contains(value, "${") {
			continue
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

func resourceNames(a Action) string {
	var names []string
	for _, r := range a.Resources {
		names = append(names, r.Name)
	}
	return strings.Join(names, ", ")
}

// multiValued are keys that hold several values, in lower case: on them a set operator
// is right, and on others it is not.
var multiValued = []string{"aws:tagkeys", "sagemaker:instancetypes", "sagemaker:vpcsubnets", "sagemaker:vpcsecuritygroupids", "kms:grantoperations", "aws:calledvia", "kms:encryptioncontextkeys", "kms:resourcealiases"}

// conditions judges condition keys: whether the actions have them, and whether the
// operator suits them.
func (l *linter) conditions() {
	for _, o := range l.raw.Condition {
		seen := map[string]string{}
		for _, k := range o.Keys {
			element := "Condition." + o.Name + "." + k.Name
			folded := strings.ToLower(k.Name)
			if other, twice := seen[folded]; twice {
				l.add(LintError, "DUPLICATE_KEYS_WITH_DIFFERENT_CASE", element, fmt.Sprintf("the same key as %s, in other case", other), "keep one")
			}
			seen[folded] = k.Name
			l.operator(o.Name, k, element)
			l.dead(o.Name, k, element)
		}
	}
}

func (l *linter) operator(operator string, k ConditionKey, element string) {
	base := strings.TrimSuffix(operator[strings.LastIndex(operator, ":")+1:], "IfExists")
	set := strings.Contains(operator, ":")
	many := slices.Contains(multiValued, strings.ToLower(k.Name))
	switch {
	case len(k.Values.Items) == 0:
		l.add(Suggestion, "EMPTY_ARRAY_CONDITION", element, "no values", "remove it, or give it some")
	case many && !set && base != "Null":
		l.add(LintError, "MISSING_QUALIFIER", element, "the key has several values in a request", "write ForAllValues: or ForAnyValue: before the operator")
	case !many && strings.HasPrefix(operator, "ForAllValues:") && l.raw.Effect == Allow:
		l.add(SecurityWarning, "FORALLVALUES_WITH_SINGLE_VALUED_KEY", element, "ForAllValues is true of a key that is absent", "leave the prefix out")
	case many && strings.HasPrefix(operator, "ForAllValues:") && l.raw.Effect == Allow && !l.present(k.Name):
		l.add(SecurityWarning, "HYPERPOD_FORALLVALUES_WITHOUT_NULL", element, "ForAllValues is true of a key that is absent", fmt.Sprintf(`add "Null": {%q: "false"}`, k.Name))
	}
	if (base == "StringEquals" || base == "StringNotEquals") && slices.ContainsFunc(k.Values.Items, func(v string) bool {
		return strings.ContainsAny(variableForm.ReplaceAllString(v, ""), "*?")
	}) {
		l.add(GeneralWarning, "WILDCARD_WITHOUT_LIKE_OPERATOR", element, "a * or ? is itself under "+base, "write StringLike, or spell the value out")
	}
}

// present tells whether the statement asks for a key to be there: by Null, or in the
// case of tag keys by asking for a tag.
func (l *linter) present(key string) bool {
	if strings.EqualFold(key, "aws:TagKeys") && !withoutPrefix("aws:RequestTag/")(l) {
		return true
	}
	return slices.ContainsFunc(l.raw.Condition, func(o ConditionOperator) bool {
		return o.Name == "Null" && slices.ContainsFunc(o.Keys, func(k ConditionKey) bool {
			return strings.EqualFold(k.Name, key) && slices.Contains(k.Values.Items, "false")
		})
	})
}

// dead tells of a key that an action of the statement does not have: an Allow never
// matches that action then, and a Deny does nothing to it, unless the operator is met by
// an absent key.
func (l *linter) dead(operator string, k ConditionKey, element string) {
	prefix, _, _ := strings.Cut(strings.ToLower(k.Name), ":")
	if prefix == "aws" && !strings.HasPrefix(strings.ToLower(k.Name), "aws:requesttag/") && !strings.HasPrefix(strings.ToLower(k.Name), "aws:tagkeys") {
		return // in every request, or on too many resources to tell
	}
	does := "this Allow never matches it"
	switch t, err := newTest(operator, k, false); {
	case err != nil:
		return // told of as an operator
	case t.met((Request{}).Prepare()):
		does = "the test always holds and narrows nothing"
	case l.raw.Effect == Deny:
		does = "this Deny does nothing to it"
	}
	for _, a := range l.named() {
		if hasKey(a, k.Name) || a.MoreResources && !l.onlyListed(a) {
			continue
		}
		l.add(LintError, "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", element, fmt.Sprintf("%s does not have this key: %s", a.Name, does), "move the action to a statement of its own, or use a key that it has")
	}
}

func hasKey(a Action, key string) bool {
	same := func(known string) bool {
		known, _, tagged := strings.Cut(known, "${")
		return tagged && len(key) > len(known) && strings.EqualFold(key[:len(known)], known) || strings.EqualFold(key, known)
	}
	return slices.ContainsFunc(a.Keys, same) || slices.ContainsFunc(a.Resources, func(r ResourceType) bool { return slices.ContainsFunc(r.Keys, same) })
}
