package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// state is what is there at the start. See example-state.json.
type state struct {
	// Images are AMIs, each with one root snapshot.
	Images []image
	// Clusters are inputs of CreateCluster, in the API's own shape. They are created
	// in the order of the file, and take their time.
	Clusters []json.RawMessage
	// Principals may call under their access keys, and are held to their policies.
	Principals []principal
	// FailLifecycle says on which AMIs the lifecycle script fails, and with what message.
	FailLifecycle map[string]string
	// Capacity is how many instances of a type there are. Types that are not named
	// have enough.
	Capacity map[string]int
}

type image struct {
	ID, Snapshot       string
	Account, Region    string
	Name, Architecture string
	// Source is the AMI that it was made from.
	Source string
	// KMSKey is the ARN of the key that encrypts it; empty when it is not encrypted.
	KMSKey             string
	Tags, SnapshotTags map[string]string
	SharedWith         []string
}

type principal struct {
	ARN, AccessKey string
	// Policy is an IAM policy document.
	Policy json.RawMessage
}

// exampleState is the account of the AWS guide's examples: two AMIs that may be shared.
func exampleState() state {
	guard := map[string]string{"AllowSharing": "true"}
	return state{Images: []image{
		{ID: "ami-0123456789abcdef0", Snapshot: "snap-0123456789abcdef0", Name: "golden-1", Tags: guard, SnapshotTags: guard},
		{ID: "ami-0fedcba9876543210", Snapshot: "snap-0fedcba9876543210", Name: "golden-2", Tags: guard, SnapshotTags: guard},
	}}
}

// readState reads a state file. What it does not know it refuses, with the place.
func readState(file string) (state, error) {
	var s state
	content, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(content, &parts); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		var err error
		switch name {
		case "Images":
			s.Images, err = list[image](parts[name])
		case "Principals":
			s.Principals, err = list[principal](parts[name])
		case "Clusters":
			err = json.Unmarshal(parts[name], &s.Clusters)
		case "FailLifecycle":
			err = json.Unmarshal(parts[name], &s.FailLifecycle)
		case "Capacity":
			err = json.Unmarshal(parts[name], &s.Capacity)
		default:
			err = errors.New("there is no such member; there are Images, Clusters, Principals, FailLifecycle and Capacity")
		}
		if err != nil {
			return s, fmt.Errorf("%s: %s%w", file, name, err)
		}
	}
	return s, nil
}

// list reads a list of objects strictly. Its errors begin with the index.
func list[T any](raw json.RawMessage) ([]T, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, fmt.Errorf(": %w", err)
	}
	all := make([]T, len(items))
	for i, item := range items {
		decoder := json.NewDecoder(bytes.NewReader(item))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&all[i]); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return all, nil
}

// fill puts a state into the emulators.
func (a account) fill(ctx context.Context, s state) error {
	for _, i := range s.Images {
		a.addImage(i)
	}
	for image, message := range s.FailLifecycle {
		a.clusters.FailLifecycle(image, message)
	}
	for instanceType, n := range s.Capacity {
		a.clusters.SetCapacity(types.ClusterInstanceType(instanceType), n)
	}
	for i, p := range s.Principals {
		if first := slices.IndexFunc(s.Principals, func(o principal) bool { return o.AccessKey == p.AccessKey }); first < i {
			return fmt.Errorf("Principals[%d]: AccessKey %q is that of Principals[%d]", i, p.AccessKey, first)
		}
		if err := a.addPrincipal(p); err != nil {
			return fmt.Errorf("Principals[%d]: %w", i, err)
		}
	}
	for i, input := range s.Clusters {
		if err := a.create(ctx, input); err != nil {
			return fmt.Errorf("Clusters[%d]: %w", i, err)
		}
	}
	return nil
}

func (a account) addImage(i image) {
	var mappings []ec2types.BlockDeviceMapping
	if i.Snapshot != "" {
		a.images.AddSnapshot(amisharetest.Snapshot{ID: i.Snapshot, Account: i.Account, Region: i.Region, KMSKey: i.KMSKey, Tags: i.SnapshotTags})
		mappings = []ec2types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{SnapshotId: aws.String(i.Snapshot)}}}
	}
	a.images.AddImage(amisharetest.Image{
		ID: i.ID, Account: i.Account, Region: i.Region, Name: i.Name, Architecture: ec2types.ArchitectureValues(i.Architecture),
		Mappings: mappings, KMSKey: i.KMSKey, SourceImage: i.Source, Tags: i.Tags, SnapshotTags: i.SnapshotTags, SharedWith: i.SharedWith,
	})
}

func (a account) addPrincipal(p principal) error {
	if p.ARN == "" || p.AccessKey == "" {
		return errors.New("ARN and AccessKey must be given")
	}
	doc, err := policy.Decode(p.Policy)
	if err != nil {
		return fmt.Errorf("Policy: %w", err)
	}
	set, err := policy.Compile(doc)
	if err != nil {
		return fmt.Errorf("Policy: %w", err)
	}
	policies := policy.Policies{Identity: set}
	a.clusters.As(hyperpodtest.Principal{ARN: p.ARN, AccessKey: p.AccessKey, Policies: policies})
	a.images.As(amisharetest.Principal{ARN: p.ARN, AccessKey: p.AccessKey, Policies: policies})
	return nil
}

// create sends an input through the wire door, which reads the API's own shape.
func (a account) create(ctx context.Context, input json.RawMessage) error {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(input))
	r.Header.Set("X-Amz-Target", "SageMaker.CreateCluster")
	w := httptest.NewRecorder()
	a.clusters.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		message, _ := io.ReadAll(w.Body)
		return fmt.Errorf("CreateCluster: %s", message)
	}
	return nil
}
