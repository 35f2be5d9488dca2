package policy

import "strings"

// codeOf is the check that an element's problem falls under.
func codeOf(path string) string {
	switch {
	case strings.Contains(path, ".Condition."):
		return "INVALID_CONDITION_OPERATOR"
	case strings.Contains(path, "Resource"):
		return "INVALID_ARN_PREFIX"
	case strings.Contains(path, "Action"):
		return "INVALID_ACTION"
	case strings.HasSuffix(path, ".Effect"):
		return "INVALID_EFFECT"
	case strings.HasSuffix(path, "Principal"):
		return "UNSUPPORTED_PRINCIPAL"
	case strings.HasSuffix(path, "Version"):
		return "INVALID_VERSION"
	default:
		return "UNSUPPORTED_ELEMENT_COMBINATION"
	}
}

// invalidFixes are what to do about an element that cannot be compiled, by its check.
var invalidFixes = map[string]string{
	"EMPTY_VARIABLE":                  "name a key, or write ${$} for a dollar sign",
	"INVALID_ACTION":                  "write service:Action, such as sagemaker:DescribeCluster, or *",
	"INVALID_ARN_PREFIX":              "write an ARN, which begins with arn:, or *",
	"INVALID_CONDITION_OPERATOR":      "write an operator as IAM spells it, such as StringEquals",
	"INVALID_EFFECT":                  "write Allow or Deny",
	"INVALID_VERSION":                 "write " + Version2012,
	"MISSING_ACTION":                  "name the actions",
	"MISSING_BRACE_IN_VARIABLE":       "close the brace",
	"MISSING_QUOTE_IN_VARIABLE":       "put the default in single quotes",
	"MISSING_RESOURCE":                "name the resources, or write * for actions that take none",
	"NULL_WITH_IF_EXISTS":             "write Null alone",
	"NULL_WITH_QUALIFIER":             "write Null alone",
	"TYPE_MISMATCH":                   "write a value of the operator's type, or another operator",
	"TYPE_MISMATCH_BOOLEAN":           "write true or false",
	"TYPE_MISMATCH_DATE":              "write a date such as 2006-01-02T15:04:05Z",
	"TYPE_MISMATCH_IP_RANGE":          "write an address or a range such as 203.0.113.0/24",
	"TYPE_MISMATCH_NUMBER":            "write a number",
	"UNSUPPORTED_ELEMENT_COMBINATION": "keep one of the two",
	"UNSUPPORTED_PRINCIPAL":           "leave it out: an identity policy is about whoever it is attached to",
}
