package smmodel

import (
	"strings"
	"unicode"
)

// matches tells whether the whole of text matches a pattern of the model. The
// patterns are matched by hand: one of them needs a look-ahead that package regexp
// does not have, and a check of a large specification would otherwise cost more
// than sending it. A test compares every matcher with its regular expression.
func matches(pattern, text string) bool {
	match, ok := matchers[pattern]
	if !ok {
		panic("smmodel: no matcher for pattern " + pattern)
	}
	return match(text)
}

var matchers = map[string]func(string) bool{
	`(?!\s*$).+`:           func(s string) bool { return oneLine(s) && strings.Trim(s, "\t\n\v\f\r ") != "" },
	`[\x21-\x7E]+`:         some(func(c byte) bool { return c >= 0x21 && c <= 0x7e }),
	`[\S\s]+`:              func(s string) bool { return s != "" },
	`.*`:                   oneLine,
	`[a-zA-Z0-9:/_-]*`:     every(func(c byte) bool { return alnum(c) || in(c, ":/_-") }),
	`[a-zA-Z0-9\-]+`:       some(func(c byte) bool { return alnum(c) || c == '-' }),
	`[-0-9a-zA-Z]+`:        some(func(c byte) bool { return alnum(c) || c == '-' }),
	`([A-Za-z0-9_-]{1,8})`: func(s string) bool { return len(s) <= 8 && some(word)(s) },
	`/[a-zA-Z0-9._/-]+`: func(s string) bool {
		rest, ok := strings.CutPrefix(s, "/")
		return ok && some(func(c byte) bool { return alnum(c) || in(c, "._/-") })(rest)
	},
	`[a-zA-Z0-9](-*[a-zA-Z0-9])*`:                 hyphenated,
	`[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9]`:        func(s string) bool { return len(s) > 1 && hyphenated(s) },
	`[a-z]{2}-[a-z]+-\d[a-z]`:                     availabilityZone,
	`((fs|fc)i?-[0-9a-f]{8,}\..{4,253})`:          fsxDNSName,
	`i-[a-f0-9]{8}(?:[a-f0-9]{9})?`:               instanceID,
	`ami-[0-9a-fA-F]{8,17}|default`:               imageID,
	`[0-9]+\.[0-9]+\.[0-9]+`:                      releaseVersion,
	`(https|s3)://([^/]+)/?(.*)`:                  s3URI,
	`([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`:               tagText,
	`(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?`: func(s string) bool { return s == "" || labelName(s) },
	`([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?`: labelKey,
	`[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}`:                                                uuid,
	`arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`:                                                    roleARN,
	`arn:aws[a-z\-]*:eks:[a-z0-9\-]*:[0-9]{12}:cluster\/[0-9A-Za-z][A-Za-z0-9\-_]{0,99}`:                          eksClusterARN,
	`arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:training-plan/.*`:                                            sagemakerARN("training-plan/", oneLine),
	`arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+`:                                                            sagemakerARN("", func(s string) bool { return s != "" && oneLine(s) }),
	`(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:cluster/[a-z0-9]{12})|([a-zA-Z0-9](-*[a-zA-Z0-9]){0,62})`:   clusterNameOrARN,
}

func lower(c byte) bool { return c >= 'a' && c <= 'z' }
func digit(c byte) bool { return c >= '0' && c <= '9' }
func alnum(c byte) bool { return lower(c) || digit(c) || c >= 'A' && c <= 'Z' }
func hex(c byte) bool   { return digit(c) || c >= 'a' && c <= 'f' }
func word(c byte) bool  { return alnum(c) || c == '_' || c == '-' }

func in(c byte, set string) bool { return strings.IndexByte(set, c) >= 0 }

func every(ok func(byte) bool) func(string) bool {
	return func(s string) bool {
		for i := range len(s) {
			if !ok(s[i]) {
				return false
			}
		}
		return true
	}
}

func some(ok func(byte) bool) func(string) bool {
	all := every(ok)
	return func(s string) bool { return s != "" && all(s) }
}

func exactly(n int, ok func(byte) bool, s string) bool { return len(s) == n && every(ok)(s) }

// oneLine is the pattern's "any character": everything but a line feed.
func oneLine(s string) bool { return !strings.Contains(s, "\n") }

// hyphenated is letters and digits with hyphens between, none at either end.
func hyphenated(s string) bool {
	return s != "" && alnum(s[0]) && alnum(s[len(s)-1]) && every(func(c byte) bool { return alnum(c) || c == '-' })(s)
}

func labelName(s string) bool {
	return s != "" && alnum(s[0]) && alnum(s[len(s)-1]) && every(func(c byte) bool { return alnum(c) || in(c, "-_.") })(s)
}

func labelKey(s string) bool {
	prefix, name, slashed := strings.Cut(s, "/")
	if !slashed {
		return labelName(s)
	}
	for part := range strings.SplitSeq(prefix, ".") {
		if part == "" || part[0] == '-' || part[len(part)-1] == '-' ||
			!every(func(c byte) bool { return lower(c) || digit(c) || c == '-' })(part) {
			return false
		}
	}
	return labelName(name)
}

func availabilityZone(s string) bool {
	parts := strings.Split(s, "-")
	return len(parts) == 3 && exactly(2, lower, parts[0]) && some(lower)(parts[1]) &&
		len(parts[2]) == 2 && digit(parts[2][0]) && lower(parts[2][1])
}

func fsxDNSName(s string) bool {
	id, domain, dotted := strings.Cut(s, ".")
	kind, digits, dashed := strings.Cut(id, "-")
	n := len([]rune(domain))
	return dotted && dashed && (kind == "fs" || kind == "fsi" || kind == "fc" || kind == "fci") &&
		len(digits) >= 8 && every(hex)(digits) && n >= 4 && n <= 253 && oneLine(domain)
}

func instanceID(s string) bool {
	digits, ok := strings.CutPrefix(s, "i-")
	return ok && (len(digits) == 8 || len(digits) == 17) && every(hex)(digits)
}

func imageID(s string) bool {
	if s == "default" {
		return true
	}
	digits, ok := strings.CutPrefix(s, "ami-")
	return ok && len(digits) >= 8 && len(digits) <= 17 &&
		every(func(c byte) bool { return hex(c) || c >= 'A' && c <= 'F' })(digits)
}

func releaseVersion(s string) bool {
	parts := strings.Split(s, ".")
	return len(parts) == 3 && some(digit)(parts[0]) && some(digit)(parts[1]) && some(digit)(parts[2])
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
		if !exactly(n, hex, parts[i]) {
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
	if !isAWS || !every(func(c byte) bool { return lower(c) || c == '-' })(partition) {
		return "", "", "", false
	}
	return parts[3], parts[4], parts[5], true
}

func regionText(s string) bool {
	return every(func(c byte) bool { return lower(c) || digit(c) || c == '-' })(s)
}

func roleARN(s string) bool {
	region, account, resource, ok := splitARN(s, "iam")
	name, isRole := strings.CutPrefix(resource, "role")
	return ok && isRole && region == "" && exactly(12, digit, account) &&
		some(func(c byte) bool { return alnum(c) || in(c, "_+=,.@-/") })(name)
}

func eksClusterARN(s string) bool {
	region, account, resource, ok := splitARN(s, "eks")
	name, isCluster := strings.CutPrefix(resource, "cluster/")
	return ok && isCluster && regionText(region) && exactly(12, digit, account) &&
		name != "" && len(name) <= 100 && alnum(name[0]) && every(word)(name)
}

func sagemakerARN(prefix string, rest func(string) bool) func(string) bool {
	return func(s string) bool {
		region, account, resource, ok := splitARN(s, "sagemaker")
		name, prefixed := strings.CutPrefix(resource, prefix)
		return ok && prefixed && regionText(region) && exactly(12, digit, account) && rest(name)
	}
}

func clusterNameOrARN(s string) bool {
	if sagemakerARN("cluster/", func(id string) bool {
		return exactly(12, func(c byte) bool { return lower(c) || digit(c) }, id)
	})(s) {
		return true
	}
	// At most 62 letters or digits may follow the first; hyphens do not count.
	return hyphenated(s) && len(s)-strings.Count(s, "-") <= 63
}
