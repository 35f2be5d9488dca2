package smmodel

import "strings"

// sample gives texts for a pattern by hand: some that match, some that just do not, and
// one of a length, empty when there is none of it.
type sample struct {
	good, bad []string
	ofLength  func(int) string
}

// xs lengthens a text with the letter x; a text that is too long already has none.
func xs(prefix string) func(int) string { return padded(prefix, "x") }

func padded(prefix, with string) func(int) string {
	return func(n int) string {
		if n < len(prefix) {
			return ""
		}
		return prefix + strings.Repeat(with, n-len(prefix))
	}
}

func none(int) string { return "" }

// patternSamples has an entry for every pattern of the table.
func patternSamples() map[string]sample {
	const (
		hyphenatedPattern = `[a-zA-Z0-9](-*[a-zA-Z0-9])*`
		labelKeyPattern   = `([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?`
		labelValuePattern = `(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?`
		tagPattern        = `([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`
		nameOrARNPattern  = `(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:cluster/[a-z0-9]{12})|([a-zA-Z0-9](-*[a-zA-Z0-9]){0,62})`
	)
	return map[string]sample{
		`(?!\s*$).+`:           {[]string{"a", " a ", "ü"}, []string{" ", "\t ", "a\nb"}, xs("")},
		`[\x21-\x7E]+`:         {[]string{"!", "~", "a-b"}, []string{"a b", "\x7f", "ü"}, xs("")},
		`[\S\s]+`:              {[]string{"a b", "\n"}, nil, xs("")},
		`.*`:                   {[]string{"a b"}, []string{"a\nb"}, xs("")},
		`[a-zA-Z0-9:/_-]*`:     {[]string{"alias/my-key_1", "arn:aws:kms:us-west-2:111122223333:key/0"}, []string{"a b", "a.b", "a@b"}, xs("")},
		`[a-zA-Z0-9\-]+`:       {[]string{"a", "-", "A-9"}, []string{"a_b", "a.b"}, xs("")},
		`[-0-9a-zA-Z]+`:        {[]string{"subnet-0123456789abcdef0", "-"}, []string{"sg_1", "a b"}, xs("")},
		`([A-Za-z0-9_-]{1,8})`: {[]string{"abcdefgh", "_", "-"}, []string{"a.b", "a b"}, xs("")},
		`/[a-zA-Z0-9._/-]+`: {[]string{"/fsx", "/a/b.c_d-e"}, []string{"fsx", "/", "/a b"}, func(n int) string {
			if n < 2 {
				return ""
			}
			return "/" + strings.Repeat("x", n-1)
		}},
		hyphenatedPattern: {[]string{"a", "a-b", "a--b", "9"}, []string{"-a", "a-", "a_b", "a.b"}, xs("")},
		`[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9]`: {[]string{"ab", "a-b"}, []string{"a", "-a", "a-", "a_b"}, func(n int) string {
			if n < 2 {
				return ""
			}
			return strings.Repeat("x", n)
		}},
		`[a-z]{2}-[a-z]+-\d[a-z]`:            {[]string{"us-west-2a"}, []string{"us-west-2", "us-west-22a", "use-west-2a", "US-west-2a"}, none},
		`((fs|fc)i?-[0-9a-f]{8,}\..{4,253})`: {[]string{"fs-01234567.fsx.", "fci-0123456789.x.yz", "fsi-01234567.abcd"}, []string{"fx-01234567.abcd", "fs-0123456789abcdef", "fs-0123456.abcdef"}, xs("fs-0123456789abcdef0123456789abcdef.")},
		`i-[a-f0-9]{8}(?:[a-f0-9]{9})?`:      {[]string{"i-01234567", "i-0123456789abcdef0"}, []string{"i-0123456", "i-012345678", "i-0123456g", "I-01234567"}, none},
		`ami-[0-9a-fA-F]{8,17}|default`:      {[]string{"default", "ami-01234567", "ami-0123456789abcdefA"}, []string{"ami-0123456", "ami-0123456g", "DEFAULT"}, func(n int) string { return map[int]string{7: "default", 21: "ami-0123456789abcdef0"}[n] }},
		`[0-9]+\.[0-9]+\.[0-9]+`:             {[]string{"1.2.3", "10.20.30"}, []string{"1.2", "1.2.3.4", "v1.2.3", "1..3"}, padded("1.2.3", "4")},
		`(https|s3)://([^/]+)/?(.*)`:         {[]string{"s3://b", "s3://b/k", "https://b/k/l"}, []string{"http://b", "s3:///k", "b/k", "s3://b/k\nl"}, xs("s3://b/")},
		tagPattern:                           {[]string{"a b", "Ü", "a=b:c/d+e-f@g.h_i"}, []string{"a,b", "a*", "a\nb"}, xs("")},
		labelValuePattern:                    {[]string{"a", "a_b.c-d"}, []string{"-a", "a-", "a b", "a/b"}, xs("")},
		labelKeyPattern:                      {[]string{"a", "a.b_c-d", "example.com/a"}, []string{"-a", "Example.com/a", "a..b/c", "/a", "a/", "a/b/c"}, xs("")},
		`[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}`: {
			[]string{"01234567-89ab-cdef-0123-456789abcdef"}, []string{"01234567-89AB-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef"}, none,
		},
		`arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`: {
			[]string{"arn:aws:iam::111122223333:role/Admin", "arn:aws-cn:iam::111122223333:role/path/to/Admin"},
			[]string{"arn:aws:iam::11112222333:role/Admin", "arn:aws:iam::111122223333:user/Admin", "arn:aws:iam::111122223333:role"},
			xs("arn:aws:iam::111122223333:role/"),
		},
		`arn:aws[a-z\-]*:eks:[a-z0-9\-]*:[0-9]{12}:cluster\/[0-9A-Za-z][A-Za-z0-9\-_]{0,99}`: {
			[]string{"arn:aws:eks:us-west-2:111122223333:cluster/" + strings.Repeat("a", 100)},
			[]string{"arn:aws:eks:us-west-2:111122223333:cluster/" + strings.Repeat("a", 101), "arn:aws:eks:us-west-2:111122223333:cluster/-a", "arn:aws:eks:us-west-2:1:cluster/abcdef"},
			none,
		},
		`arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:training-plan/.*`: {
			[]string{"arn:aws:sagemaker:us-west-2:111122223333:training-plan/plan"},
			[]string{"arn:aws:sagemaker:us-west-2:111122223333:training-job/job-plan", "arn:aws:sagemaker:us-west-2:1111:training-plan/plan-plan-plan"},
			xs("arn:aws:sagemaker::111122223333:training-plan/"),
		},
		`arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+`: {
			[]string{"arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdef123456"},
			[]string{"arn:aws:ec2:us-west-2:111122223333:cluster/a", "arn:aws:sagemaker:us-west-2:111122223333:"},
			xs("arn:aws:sagemaker:us-west-2:111122223333:"),
		},
		nameOrARNPattern: {
			[]string{"a", "a-b", strings.Repeat("a", 63), "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdef123456"},
			[]string{"", "a_b", strings.Repeat("a", 64), "arn:aws:sagemaker:us-west-2:111122223333:cluster/abc"},
			func(n int) string { // hyphens do not count to the 63
				if n < 2 {
					return ""
				}
				return "a" + strings.Repeat("-", n-2) + "b"
			},
		},
	}
}
