package hyperpod

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// planVersion is the form of a saved plan. A library that reads another form refuses.
const planVersion = 1

// planFile is a plan as JSON. What it saw is kept as hashes, so that a saved plan says
// nothing of the cluster but what it changes.
type planFile struct {
	Version  int
	Cluster  string // name or ARN as it was given
	ARN      string
	Changes  []Change
	Findings []hyperpodkit.Finding
	Request  json.RawMessage // UpdateCluster's input in the API's own shape
	Tags     tagChanges
	Rolls    []planRoll
	Saw      map[string]string
}

type planRoll struct {
	Image   string
	Release string `json:",omitempty"`
	Groups  []string
}

// MarshalJSON writes the plan so that it can be reviewed, kept and loaded elsewhere by
// [Cluster.LoadPlan]: what it changes, the request in the API's own shape, and a
// fingerprint of what it saw.
func (p *Plan) MarshalJSON() ([]byte, error) {
	request, err := smwire.Encode(p.input)
	if err != nil {
		return nil, err
	}
	saw, err := p.fingerprints()
	if err != nil {
		return nil, err
	}
	file := planFile{
		Version: planVersion, Cluster: p.handle.name, ARN: p.arn, Changes: p.changes, Findings: p.findings,
		Request: request, Tags: p.tags, Saw: saw,
	}
	for _, roll := range p.rolls {
		file.Rolls = append(file.Rolls, planRoll{Image: roll.Image.id, Release: roll.Image.release, Groups: roll.Groups.names})
	}
	return json.Marshal(file)
}

// LoadPlan reads a plan that was saved as JSON. The handle must be of the cluster that
// it was made for, by name or ARN. Nothing is called: whether the plan still fits is
// seen by [Plan.Apply], which also refuses a plan whose changes are not those of its
// request, because somebody edited one of the two.
func (c *Cluster) LoadPlan(saved []byte) (*Plan, error) {
	fail := func(err error) (*Plan, error) {
		return nil, &Error{Operation: OperationUpdate, Cluster: c.name, Condition: ErrInvalid, Err: fmt.Errorf("load plan: %w", err)}
	}
	var file planFile
	decoder := json.NewDecoder(bytes.NewReader(saved))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return fail(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fail(errors.New("there is more after the plan"))
	}
	if file.Version != planVersion {
		return fail(fmt.Errorf("it is of version %d, this library reads version %d; plan again", file.Version, planVersion))
	}
	in := &sagemaker.UpdateClusterInput{}
	if err := smwire.DecodeInput(file.Request, in); err != nil {
		return fail(fmt.Errorf("Request: %w", err))
	}
	if c.name != file.Cluster && c.name != file.ARN || file.ARN == "" {
		return fail(fmt.Errorf("it was made for cluster %q (%s)", file.Cluster, file.ARN))
	}
	in.ClusterName = aws.String(c.name)
	p := &Plan{
		handle: c, arn: file.ARN, input: in, tags: file.Tags, changes: file.Changes, findings: file.Findings,
		checked: len(file.Findings), saw: file.Saw,
	}
	for _, roll := range file.Rolls {
		p.rolls = append(p.rolls, Roll{Image: Image{id: roll.Image, release: roll.Release}, Groups: Named(roll.Groups...)})
	}
	return p, nil
}

// MarshalText encodes the kind as its name, such as "group changed".
func (k ChangeKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *ChangeKind) UnmarshalText(text []byte) error {
	for kind := GroupChanged; kind <= TagsChanged; kind++ {
		if kind.String() == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("%q is no kind of change", text)
}

// String returns "group changed", "group added", "group deleted", "cluster changed" or
// "tags changed".
func (k ChangeKind) String() string {
	switch k {
	case GroupChanged:
		return "group changed"
	case GroupAdded:
		return "group added"
	case GroupDeleted:
		return "group deleted"
	case ClusterChanged:
		return "cluster changed"
	case TagsChanged:
		return "tags changed"
	default:
		return "unknown change"
	}
}
