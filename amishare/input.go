package amishare

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

var (
	// imagePattern is that of the HyperPod API's ImageId for AMIs.
	imagePattern = regexp.MustCompile(`^ami-[0-9a-fA-F]{8,17}$`)
	// snapshotPattern is that of EC2's resource ids, which had 8 digits before they
	// had 17 (EC2 User Guide, "Resource IDs").
	snapshotPattern = regexp.MustCompile(`^snap-[0-9a-fA-F]{8,17}$`)
	accountPattern  = regexp.MustCompile(`^[0-9]{12}$`)
	// The ids of these two are those of the Organizations API Reference, Organization
	// and OrganizationalUnit.
	organizationPattern = regexp.MustCompile(`^arn:aws[a-z-]*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$`)
	unitPattern         = regexp.MustCompile(`^arn:aws[a-z-]*:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`)
)

// The checks in this file judge the form of what a caller wrote, before any call.
// Their errors unwrap to the sentinel of the condition and say what was expected;
// whoever calls them adds the resource, by an [*ImageError].

func checkImageID(id string) error {
	if imagePattern.MatchString(id) {
		return nil
	}
	return fmt.Errorf(`%w: want "ami-" and 8 to 17 hexadecimal digits, %s`, ErrImageID, got(id))
}

func checkSnapshotID(id string) error {
	if snapshotPattern.MatchString(id) {
		return nil
	}
	return fmt.Errorf(`%w: want "snap-" and 8 to 17 hexadecimal digits, %s`, ErrSnapshotID, got(id))
}

func checkAccountID(id string) error {
	if accountPattern.MatchString(id) {
		return nil
	}
	return fmt.Errorf("%w: want 12 digits, %s", ErrAccountID, got(id))
}

func checkOrganizationARN(arn string) error {
	if organizationPattern.MatchString(arn) {
		return nil
	}
	return fmt.Errorf("%w: want arn:aws:organizations::ACCOUNT:organization/o-ID, %s", ErrOrganizationARN, got(arn))
}

func checkUnitARN(arn string) error {
	if unitPattern.MatchString(arn) {
		return nil
	}
	return fmt.Errorf("%w: want arn:aws:organizations::ACCOUNT:ou/o-ID/ou-ID, %s", ErrUnitARN, got(arn))
}

// checkPrincipal takes whom AMIs can be shared with, as EC2's answers name them: an
// account, an organization, an organizational unit, or "all".
func checkPrincipal(principal string) error {
	parsed, err := arn.Parse(principal)
	switch {
	case principal == everyone:
		return nil
	case err != nil:
		return checkAccountID(principal)
	case strings.HasPrefix(parsed.Resource, "ou/"):
		return checkUnitARN(principal)
	default:
		return checkOrganizationARN(principal)
	}
}

// checkPrincipals returns the first that is malformed, with what is wrong with it.
func checkPrincipals(principals []string) (string, error) {
	for _, p := range principals {
		if err := checkPrincipal(p); err != nil {
			return p, err
		}
	}
	return "", nil
}

// got says what something is that is not what was wanted.
func got(s string) string {
	parsed, err := arn.Parse(s)
	kind, _, _ := strings.Cut(parsed.Resource, "/")
	switch {
	case s == "":
		return "got nothing"
	case err == nil:
		return fmt.Sprintf("got %q, the ARN of a resource %q of %s", s, kind, parsed.Service)
	case strings.Trim(s, "0123456789") == "":
		return fmt.Sprintf("got %q, which has %d digits", s, len(s))
	default:
		return fmt.Sprintf("got %q", s)
	}
}
