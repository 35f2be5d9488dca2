package emul

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
)

// Identity is who called and where, as far as an unverified signature tells.
type Identity struct {
	Account string
	Region  string
}

var (
	credentialScope = regexp.MustCompile(`Credential=([^/,\s]+)/\d{8}/([a-z0-9-]+)/`)
	// regionalHost is an endpoint of the SDK's own, such as ec2.eu-west-1.amazonaws.com.
	regionalHost = regexp.MustCompile(`^(?:api\.)?(?:ec2|sagemaker)\.([a-z0-9-]+)\.amazonaws\.`)
)

// credential reads access key and Region from a request's Signature Version 4, in its
// header or, when it is presigned, in its query string. Of a signature that cannot be
// read both are empty.
func credential(r *http.Request) (key, region string, signed bool) {
	scope := r.Header.Get("Authorization")
	if presigned := r.URL.Query().Get("X-Amz-Credential"); scope == "" && presigned != "" {
		scope = "Credential=" + presigned
	}
	if m := credentialScope.FindStringSubmatch(scope); m != nil {
		return m[1], m[2], true
	}
	return "", "", scope != ""
}

// Identify reads account and Region from a request's Signature Version 4: the Region from
// the credential scope, the account from the access key when that is a bare account id
// of twelve digits. An unsigned request acts in the Region of the endpoint that it was
// sent to. What neither tells comes from fallback. No signature is verified.
func Identify(r *http.Request, fallback Identity) Identity {
	id := fallback
	if m := regionalHost.FindStringSubmatch(r.Host); m != nil {
		id.Region = m[1]
	}
	key, region, _ := credential(r)
	if isAccount(key) {
		id.Account = key
	}
	id.Region = cmp.Or(region, id.Region)
	return id
}

// HexID returns n hexadecimal digits (at most 64) hashed from the parts: the same
// parts give the same id, so that a test reads the same on every run.
func HexID(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])[:n]
}

// ClusterID returns twelve characters of [a-z0-9] hashed from the parts, the form
// in which the service ends a cluster's ARN.
func ClusterID(parts ...string) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	n := binary.BigEndian.Uint64(sum[:8])
	id := make([]byte, 12)
	for i := range id {
		id[i] = alphabet[n%uint64(len(alphabet))]
		n /= uint64(len(alphabet))
	}
	return string(id)
}

// Partition returns the AWS partition of a Region, by the Region's prefix as the
// SDK's endpoint rules have them.
func Partition(region string) string {
	name, _ := partition(region)
	return name
}

// DNSSuffix returns the domain in which the services of a Region have their endpoints,
// from the same rules.
func DNSSuffix(region string) string {
	_, suffix := partition(region)
	return suffix
}

func partition(region string) (name, suffix string) {
	for _, p := range []struct{ prefix, name, suffix string }{
		{"cn-", "aws-cn", "amazonaws.com.cn"},
		{"us-gov-", "aws-us-gov", "amazonaws.com"},
		{"eusc-", "aws-eusc", "amazonaws.eu"},
		{"us-iso-", "aws-iso", "c2s.ic.gov"},
		{"us-isob-", "aws-iso-b", "sc2s.sgov.gov"},
		{"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"},
		{"us-isof-", "aws-iso-f", "csp.hci.ic.gov"},
		{"eu-isof-", "aws-iso-f", "csp.hci.ic.gov"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.name, p.suffix
		}
	}
	return "aws", "amazonaws.com"
}
