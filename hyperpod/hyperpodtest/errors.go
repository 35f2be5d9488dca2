package hyperpodtest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// ValidationException is not in the service's model, so the SDK gives it no type.
func invalid(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

func conflict(format string, args ...any) error {
	return &types.ConflictException{Message: aws.String(fmt.Sprintf(format, args...))}
}

func inUse(format string, args ...any) error {
	return &types.ResourceInUse{Message: aws.String(fmt.Sprintf(format, args...))}
}

func notFound(format string, args ...any) error {
	return &types.ResourceNotFound{Message: aws.String(fmt.Sprintf(format, args...))}
}

// constraintError words violations of the model as the service does: all in one
// message, each with the member's path in the service's own notation.
func constraintError(found []smmodel.Violation) error {
	lines := make([]string, 0, len(found))
	for _, v := range found {
		var must string
		switch v.Rule {
		case smmodel.Required:
			must = "Member must not be null"
		case smmodel.Pattern:
			must = "Member must satisfy regular expression pattern: " + strings.TrimPrefix(v.Want, "a match of ")
		case smmodel.Enum:
			must = "Member must satisfy enum value set: [" + strings.TrimPrefix(v.Want, "one of ") + "]"
		case smmodel.Length:
			must = "Member must have length " + bound(v.Want)
		case smmodel.Range:
			must = "Member must have value " + bound(v.Want)
		case smmodel.Union:
			must = "Member must have exactly one member set"
		default:
			must = v.Want
		}
		value := "Value"
		if v.Rule != smmodel.Required {
			value = "Value '" + v.Value + "'"
		}
		lines = append(lines, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", value, servicePath(v.Path), must))
	}
	noun := "error"
	if len(lines) > 1 {
		noun = "errors"
	}
	return invalid("%d validation %s detected: %s", len(lines), noun, strings.Join(lines, "; "))
}

// bound turns "at most 63 characters" into "less than or equal to 63".
func bound(want string) string {
	word, rest, _ := strings.Cut(strings.TrimPrefix(want, "at "), " ")
	number, _, _ := strings.Cut(rest, " ")
	if word == "least" {
		return "greater than or equal to " + number
	}
	return "less than or equal to " + number
}

// servicePath turns InstanceGroups[0].ImageId into instanceGroups.1.member.imageId, and
// Labels["a.b"] into labels.a.b.member.
func servicePath(path string) string {
	var parts []string
	for path != "" {
		if quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(path, "[")); path[0] == '[' && err == nil {
			key, err := strconv.Unquote(quoted)
			if err != nil {
				key = quoted
			}
			parts = append(parts, key, "member")
			path = strings.TrimPrefix(path[1+len(quoted):], "]")
			continue
		}
		end := strings.IndexAny(path[1:], ".[") + 1
		if end == 0 {
			end = len(path)
		}
		name := strings.Trim(path[:end], ".[]")
		if n, err := strconv.Atoi(name); err == nil {
			parts = append(parts, strconv.Itoa(n+1), "member")
		} else if name != "" {
			parts = append(parts, strings.ToLower(name[:1])+name[1:])
		}
		path = path[end:]
	}
	return strings.Join(parts, ".")
}

// imageError is what the service says when EC2 refused one of its own calls: a
// refusal of the caller's rights passes through, anything else is the caller's
// input.
func imageError(imageID string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	if api.ErrorCode() == "UnauthorizedOperation" {
		return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: api.ErrorMessage(), Fault: smithy.FaultClient}
	}
	return invalid("Image %s cannot be used: %s: %s", imageID, api.ErrorCode(), api.ErrorMessage())
}
