package smmodel

import (
	"strings"
	"unicode"
)

// form is a pattern of the model: a matcher of whole texts, and the pattern in words
// that complete "use …". The patterns are matched by hand: one of them needs a
// look-ahead that package regexp does not have, and a check of a large specification
// would otherwise cost more than sending it. A test compares every matcher with its
// regular expression.
type form struct {
	match func(string) bool
	words string
}

const hyphenatedWords = "letters and digits, with hyphens only between them"

var forms = map[string]form{
	`(?!\s*$).+`:                                  {func(s string) bool { return oneLine(s) && strings.Trim(s, "\t\n\v\f\r ") != "" }, "a single line that is not blank"},
	`[\x21-\x7E]+`:                                {of("\x21-\x7e").some, "visible ASCII characters, no blanks"},
	`[\S\s]+`:                                     {func(s string) bool { return s != "" }, "any text"},
	`.*`:                                          {oneLine, "a single line"},
	`[a-zA-Z0-9:/_-]*`:                            {of("a-zA-Z0-9:/_-").every, "letters, digits and the characters : / _ -"},
	`[a-zA-Z0-9\-]+`:                              {hyphens.some, "letters, digits and hyphens"},
	`[-0-9a-zA-Z]+`:                               {hyphens.some, "letters, digits and hyphens"},
	`([A-Za-z0-9_-]{1,8})`:                        {func(s string) bool { return len(s) <= 8 && words.some(s) }, "1 to 8 letters, digits, underscores and hyphens"},
	`/[a-zA-Z0-9._/-]+`:                           {mountPath, "an absolute path of letters, digits and the characters . _ / -"},
	`[a-zA-Z0-9](-*[a-zA-Z0-9])*`:                 {hyphenated, hyphenatedWords},
	`[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9]`:        {func(s string) bool { return len(s) > 1 && hyphenated(s) }, "two or more " + hyphenatedWords},
	`[a-z]{2}-[a-z]+-\d[a-z]`:                     {availabilityZone, "an Availability Zone such as us-west-2a"},
	`((fs|fc)i?-[0-9a-f]{8,}\..{4,253})`:          {fsxDNSName, "the DNS name of an FSx file system, such as fs-0123456789abcdef0.fsx.us-west-2.amazonaws.com"},
	`i-[a-f0-9]{8}(?:[a-f0-9]{9})?`:               {instanceID, "an instance id: i- and 8 or 17 hexadecimal digits"},
	`ami-[0-9a-fA-F]{8,17}|default`:               {imageID, "an AMI id, ami- and 8 to 17 hexadecimal digits, or default"},
	`[0-9]+\.[0-9]+\.[0-9]+`:                      {releaseVersion, "three numbers with dots between, such as 1.2.3"},
	`(https|s3)://([^/]+)/?(.*)`:                  {s3URI, "a URI that begins with s3:// or https:// and a bucket"},
	`([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`:               {tagText, "letters, digits, blanks and the characters _ . : / = + - @"},
	`(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?`: {func(s string) bool { return s == "" || labelName(s) }, labelWords},
	`([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?`: {labelKey, labelWords + ", after a DNS name in lower case and a slash if need be"},
	`[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}`:                                                {uuid, "a UUID in lower case"},
	`arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`:                                                    {roleARN, "the ARN of an IAM role, such as arn:aws:iam::111122223333:role/name"},
	`arn:aws[a-z\-]*:eks:[a-z0-9\-]*:[0-9]{12}:cluster\/[0-9A-Za-z][A-Za-z0-9\-_]{0,99}`:                          {eksClusterARN, "the ARN of an EKS cluster, such as arn:aws:eks:us-west-2:111122223333:cluster/name"},
	`arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:training-plan/.*`: {
		sagemakerARN("training-plan/", oneLine), "the ARN of a training plan, such as arn:aws:sagemaker:us-west-2:111122223333:training-plan/name",
	},
	`arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+`: {
		sagemakerARN("", func(s string) bool { return s != "" && oneLine(s) }), "an ARN of SageMaker, such as arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdef123456",
	},
	`(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:cluster/[a-z0-9]{12})|([a-zA-Z0-9](-*[a-zA-Z0-9]){0,62})`: {
		clusterNameOrARN, hyphenatedWords + ", at most 63 besides the hyphens, or the cluster's ARN",
	},
}

const labelWords = "letters, digits and the characters _ . -, a letter or digit at both ends"

// oneLine is the pattern's "any character": everything but a line feed.
func oneLine(s string) bool { return !strings.Contains(s, "\n") }

// hyphenated is letters and digits with hyphens between, none at either end.
func hyphenated(s string) bool { return between(s, hyphens) }

// between is text of a class that begins and ends with a letter or digit.
func between(s string, c *class) bool {
	return s != "" && alnums.has(s[0]) && alnums.has(s[len(s)-1]) && c.every(s)
}

func mountPath(s string) bool {
	rest, ok := strings.CutPrefix(s, "/")
	return ok && path.some(rest)
}

func labelName(s string) bool { return between(s, dotted) }

func labelKey(s string) bool {
	prefix, name, slashed := strings.Cut(s, "/")
	if !slashed {
		return labelName(s)
	}
	for more := true; more; {
		var part string
		part, prefix, more = strings.Cut(prefix, ".")
		if part == "" || part[0] == '-' || part[len(part)-1] == '-' || !dnsLabel.every(part) {
			return false
		}
	}
	return labelName(name)
}

func availabilityZone(s string) bool {
	parts := strings.Split(s, "-")
	return len(parts) == 3 && lowers.exactly(2, parts[0]) && lowers.some(parts[1]) &&
		len(parts[2]) == 2 && digits.has(parts[2][0]) && lowers.has(parts[2][1])
}

func fsxDNSName(s string) bool {
	id, domain, hasDomain := strings.Cut(s, ".")
	kind, number, dashed := strings.Cut(id, "-")
	n := len([]rune(domain))
	return hasDomain && dashed && (kind == "fs" || kind == "fsi" || kind == "fc" || kind == "fci") &&
		len(number) >= 8 && hexes.every(number) && n >= 4 && n <= 253 && oneLine(domain)
}

func instanceID(s string) bool {
	number, ok := strings.CutPrefix(s, "i-")
	return ok && (len(number) == 8 || len(number) == 17) && hexes.every(number)
}

func imageID(s string) bool {
	if s == "default" {
		return true
	}
	number, ok := strings.CutPrefix(s, "ami-")
	return ok && len(number) >= 8 && len(number) <= 17 && anyHex.every(number)
}

func releaseVersion(s string) bool {
	parts := strings.Split(s, ".")
	return len(parts) == 3 && digits.some(parts[0]) && digits.some(parts[1]) && digits.some(parts[2])
}

func s3URI(s string) bool {
	rest, ok := strings.CutPrefix(s, "s3://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "https://")
	}
	bucket, object, _ := strings.Cut(rest, "/")
	return ok && bucket != "" && oneLine(object)
}

func tagText(s string) bool {
	for _, r := range s {
		if r == unicode.ReplacementChar || !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r) {
			return false
		}
	}
	return true
}

func uuid(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) != 5 {
		return false
	}
	for i, n := range []int{8, 4, 4, 4, 12} {
		if !hexes.exactly(n, parts[i]) {
			return false
		}
	}
	return true
}

// splitARN returns Region, account and resource of an ARN of the service.
func splitARN(s, service string) (region, account, resource string, ok bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != service {
		return "", "", "", false
	}
	partition, isAWS := strings.CutPrefix(parts[1], "aws")
	if !isAWS || !partitionText.every(partition) {
		return "", "", "", false
	}
	return parts[3], parts[4], parts[5], true
}

func roleARN(s string) bool {
	region, account, resource, ok := splitARN(s, "iam")
	name, isRole := strings.CutPrefix(resource, "role")
	return ok && isRole && region == "" && digits.exactly(12, account) && roleName.some(name)
}

func eksClusterARN(s string) bool {
	region, account, resource, ok := splitARN(s, "eks")
	name, isCluster := strings.CutPrefix(resource, "cluster/")
	return ok && isCluster && dnsLabel.every(region) && digits.exactly(12, account) &&
		name != "" && len(name) <= 100 && alnums.has(name[0]) && words.every(name)
}

func sagemakerARN(prefix string, rest func(string) bool) func(string) bool {
	return func(s string) bool {
		region, account, resource, ok := splitARN(s, "sagemaker")
		name, prefixed := strings.CutPrefix(resource, prefix)
		return ok && prefixed && dnsLabel.every(region) && digits.exactly(12, account) && rest(name)
	}
}

func clusterNameOrARN(s string) bool {
	if sagemakerARN("cluster/", func(id string) bool {
		return len(id) == 12 && lowerAlnums.every(id)
	})(s) {
		return true
	}
	// At most 62 letters or digits may follow the first; hyphens do not count.
	return hyphenated(s) && len(s)-strings.Count(s, "-") <= 63
}
