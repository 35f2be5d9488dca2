package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

const (
	region    = "us-west-2"
	goldenAMI = "ami-0123456789abcdef0"
	newAMI    = "ami-0fedcba9876543210"
)

// accounts are the two accounts of the demo.
func accounts() []string { return []string{"111122223333", "444455556666"} }

// cluster names the i-th cluster, for all processes.
func cluster(i int) (account, name string) {
	return accounts()[i%2], fmt.Sprintf("train-%03d", i)
}

// calls is what the emulator has counted.
type calls struct {
	Operations map[string]int `json:"operations"`
	// Updates are the requests to update each cluster, by its ARN.
	Updates map[string]int `json:"updates"`
}

// serveEmulator serves clusters on an address that it prints, until the context ends.
func (o options) serveEmulator(ctx context.Context, out io.Writer) error {
	srv := hyperpodtest.NewServer(func(options *hyperpodtest.Options) { // clusters are there at once, updates take their time
		options.Durations = hyperpodtest.Durations{SoftwareStart: time.Second, NodeReplace: o.update}
	})
	for i := range o.clusters {
		account, name := cluster(i)
		if err := create(ctx, srv, account, name, i); err != nil {
			return err
		}
	}
	made := len(srv.Calls())
	mux := http.NewServeMux()
	mux.Handle("/", srv)
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) {
		counted := calls{Operations: map[string]int{}, Updates: map[string]int{}}
		for _, c := range srv.Calls()[made:] {
			counted.Operations[c.Operation]++
			if in, ok := c.Input.(*sagemaker.UpdateClusterSoftwareInput); ok {
				counted.Updates[aws.ToString(in.ClusterName)]++
			}
		}
		_ = json.NewEncoder(w).Encode(counted) // a client that went away needs no answer
	})
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "http://%s\n", listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	_ = server.Serve(listener) // ends with the context
	return nil
}

func create(ctx context.Context, srv *hyperpodtest.Server, account, name string, i int) error {
	client := srv.Client(signed(account))
	_, err := hyperpod.New(client).Cluster(name).Create(ctx, hyperpod.Spec{
		Groups: []hyperpod.Group{group("workers", account, 4), group("login", account, 1)}, Orchestrator: hyperpod.EKS(fmt.Sprintf("arn:aws:eks:%s:%s:cluster/eks-%d", region, account, i)),
		VPC: hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	})
	return err
}

func group(name, account string, count int32) hyperpod.Group {
	return hyperpod.NewGroup(name).WithInstances(types.ClusterInstanceTypeMlC52xlarge, count).
		WithExecutionRole("arn:aws:iam::"+account+":role/Execution").WithLifecycle("s3://amzn-s3-demo-bucket", "on_create.sh").WithImage(goldenAMI)
}

// signed has a client call as an account: the emulator knows it by the access key.
func signed(account string) func(*sagemaker.Options) {
	return func(o *sagemaker.Options) {
		o.Region = region
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "none"}, nil
		})
	}
}

// clients call the emulator.
func clients(address string) rollout.Clients {
	transport := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	return func(_ context.Context, account, _ string) (rollout.Access, error) {
		return rollout.Access{HyperPod: sagemaker.New(sagemaker.Options{BaseEndpoint: &address, HTTPClient: transport, Retryer: aws.NopRetryer{}}, signed(account))}, nil
	}
}

// settings are those of every executor of the demo.
func (o options) settings(x *rollout.Options) {
	x.Gate = rollout.NodesRunning()
	x.HyperPod = append(x.HyperPod, func(h *hyperpod.Options) { h.Poll.Interval = o.poll })
}

// counted asks the emulator for what it has counted.
func counted(ctx context.Context, address string) (calls, error) {
	var c calls
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/calls", http.NoBody)
	if err != nil {
		return c, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return c, err
	}
	defer response.Body.Close()
	return c, json.NewDecoder(response.Body).Decode(&c)
}
