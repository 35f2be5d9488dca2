package hyperpod

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/schemas"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// ReadGroups reads instance groups from JSON in the API's own shape, as the AWS CLI's
// option --instance-groups takes it: a list of groups, or a single one. What the shape
// does not have is refused, as [ReadSpec] says.
func ReadGroups(r io.Reader) ([]Group, error) {
	document, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read instance groups: %w", err)
	}
	if document = bytes.TrimSpace(document); len(document) == 0 || document[0] != '[' {
		var g Group
		if err := g.read(document); err != nil {
			return nil, fmt.Errorf("read an instance group: %w", err)
		}
		return []Group{g}, nil
	}
	body, err := conform(document, schemas.CreateClusterRequest.Member("InstanceGroups"))
	if err != nil {
		return nil, fmt.Errorf("read instance groups: %w", err)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(body, &items); err != nil {
		return nil, fmt.Errorf("read instance groups: %w", err)
	}
	groups := make([]Group, len(items))
	for i, item := range items {
		if err := smwire.Decode(item, &groups[i].spec); err != nil {
			return nil, fmt.Errorf("read instance groups: [%d]: %w", i, err)
		}
	}
	return groups, nil
}

// UnmarshalJSON implements [json.Unmarshaler]: it replaces the group by one in the API's
// own shape. What the shape does not have is an [*InvalidError] that names each place by
// its path, and then the group stays as it was.
func (g *Group) UnmarshalJSON(document []byte) error {
	if bytes.Equal(document, []byte("null")) {
		return nil
	}
	return g.read(document)
}

func (g *Group) read(document []byte) error {
	body, err := conform(document, schemas.ClusterInstanceGroupSpecification)
	if err != nil {
		return err
	}
	var spec types.ClusterInstanceGroupSpecification
	if err := smwire.Decode(body, &spec); err != nil {
		return err
	}
	g.spec = spec
	return nil
}

// MarshalJSON implements [json.Marshaler]: the group in the API's own shape, absent
// members left out, unchecked.
func (g Group) MarshalJSON() ([]byte, error) {
	if err := writable(g.spec.InstanceGroupName, g.spec.InstanceStorageConfigs); err != nil {
		return nil, err
	}
	return encode(&g.spec)
}

// encode writes a value of the SDK's in the API's own shape, with the members in order:
// the SDK writes those of maps in any.
func encode(v smithy.Serializable) ([]byte, error) {
	body, err := smwire.Encode(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var ordered any
	if err := dec.Decode(&ordered); err != nil {
		return nil, err
	}
	return json.Marshal(ordered)
}

// conform is a document as the SDK reads it, or an [*InvalidError] with all that is not
// in the API's shape.
func conform(document []byte, shape *smithy.Schema) ([]byte, error) {
	body, findings, err := smwire.Conform(document, shape)
	if err != nil {
		return nil, err
	}
	if len(findings) > 0 {
		return nil, &InvalidError{Findings: findings}
	}
	return body, nil
}

// writable refuses volumes that the SDK cannot write: nil ones and those that it does
// not know.
func writable(group *string, volumes []types.ClusterInstanceStorageConfig) error {
	for i, v := range volumes {
		if _, unknown := v.(*types.UnknownUnionMember); unknown || v == nil || reflect.ValueOf(v).IsNil() {
			return fmt.Errorf("instance group %q: InstanceStorageConfigs[%d] is nil or of a kind that this SDK does not know, and cannot be written", aws.ToString(group), i)
		}
	}
	return nil
}
