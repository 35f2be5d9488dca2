package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/internal/nearest"
)

// multiValued are keys that hold several values, in lower case: on them a set operator
// is right, and on others it is not.
var multiValued = []string{
	"aws:tagkeys", "sagemaker:instancetypes", "sagemaker:vpcsubnets", "sagemaker:vpcsecuritygroupids", "kms:grantoperations", "aws:calledvia", "kms:encryptioncontextkeys", "kms:resourcealiases",
	"eks:kubernetesgroups", "eks:namespaces", "sts:transitivetagkeys",
}

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
			l.key(k.Name, element)
			l.operator(o.Name, k, element)
			l.dead(o.Name, k, element)
		}
	}
}

// globalKeys are those of every service ("AWS global condition context keys", IAM User
// Guide).
var globalKeys = []string{
	"CalledVia", "CalledViaFirst", "CalledViaLast", "CurrentTime", "EpochTime", "FederatedProvider", "MultiFactorAuthAge", "MultiFactorAuthPresent",
	"PrincipalAccount", "PrincipalArn", "PrincipalIsAWSService", "PrincipalOrgID", "PrincipalOrgPaths", "PrincipalServiceName",
	"PrincipalServiceNamesList", "PrincipalTag", "PrincipalType", "Referer", "RequestedRegion", "RequestTag", "ResourceAccount", "ResourceOrgID",
	"ResourceOrgPaths", "ResourceTag", "SecureTransport", "SourceAccount", "SourceArn", "SourceIdentity", "SourceIp", "SourceOrgID", "SourceOrgPaths",
	"SourceVpc", "SourceVpce", "TagKeys", "TokenIssueTime", "UserAgent", "userid", "username", "ViaAWSService", "VpceAccount", "VpceOrgID",
	"VpceOrgPaths", "VpcSourceIp",
}

// key judges the name of a condition key by itself.
func (l *linter) key(key, element string) {
	service, name, ok := strings.Cut(key, ":")
	name, tag, hasTag := strings.Cut(name, "/")
	same := func(other string) bool { return strings.EqualFold(name, other) }
	switch {
	case !ok || service == "":
		l.add(LintError, "INVALID_CONDITION_KEY_FORMAT", element, fmt.Sprintf("%q is no condition key", key), "write service:Key, such as aws:ResourceTag/team")
	case slices.ContainsFunc([]string{"ResourceTag", "RequestTag", "PrincipalTag"}, same) && (!hasTag || tag == ""):
		l.add(LintError, "MISSING_TAG_KEY_IN_CONDITION", element, fmt.Sprintf("%q names no tag", key), "write the tag's key behind a slash")
	case strings.EqualFold(service, "aws") && !slices.ContainsFunc(globalKeys, same):
		if near := nearest.Within(name, globalKeys, 2); near != "" {
			l.add(LintError, "INVALID_GLOBAL_CONDITION_KEY", element, fmt.Sprintf("%q is in no request; aws:%s is its nearest relative", key, near), "write aws:"+near)
		}
	}
}

func (l *linter) operator(operator string, k ConditionKey, element string) {
	base := strings.TrimSuffix(operator[strings.LastIndex(operator, ":")+1:], "IfExists")
	set := strings.Contains(operator, ":")
	many := slices.Contains(multiValued, strings.ToLower(k.Name))
	switch {
	case (base == "Bool" || base == "Null") && len(k.Values.Items) > 1:
		l.add(LintError, "INVALID_CONDITION_MULTIPLE_BOOLEAN", element, "true and false at once is no condition", "keep one value")
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
	name, _, tag := strings.Cut(strings.ToLower(k.Name), "/")
	if prefix == "aws" && !tag && name != "aws:tagkeys" || name == "aws:principaltag" {
		return // in every request
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
