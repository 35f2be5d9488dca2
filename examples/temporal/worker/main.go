// Command worker works on rollouts: it runs their workflows, and their steps in the
// accounts and Regions that it serves.
//
//	worker -serve 111122223333/us-west-2,444455556666/eu-west-1 -role hyperpod-rollout
//
// It asks the gate that every node is Running. Gates and hooks are code: copy this command
// and give it yours. See the README for what to run where, and -h for the flags.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
	_ "time/tzdata" // maintenance windows mean the same on every worker

	"go.temporal.io/sdk/converter"

	"github.com/hyperpodkit/hyperpodkit/examples/temporal/command"
	"github.com/hyperpodkit/hyperpodkit/examples/temporal/connect"
	"github.com/hyperpodkit/hyperpodkit/examples/temporal/temporalroll"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func main() { command.Main("worker", run) }

func run(ctx context.Context, args []string, _ io.Writer) error {
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	dial := connect.Flags(flags)
	var o temporalroll.WorkerOptions
	serve := flags.String("serve", "", "`accounts/Regions` whose steps to run, such as 111122223333/us-west-2, separated by commas")
	role := flags.String("role", "", "`name` of the role to assume in each account; empty uses the process's own credentials")
	codec := flags.String("codec", "", "`host:port` of this machine on which to serve the codec that shows payloads in Temporal's UI and CLI")
	flags.BoolVar(&o.Workflows, "workflows", true, "run the workflows, too")
	flags.StringVar(&o.WorkflowQueue, "workflow-queue", temporalroll.WorkflowQueue, "task `queue` of the workflows")
	flags.Float64Var(&o.Rate, "rate", 0, "`steps` begun a second in each account and Region, by all workers together; 0 for no limit")
	flags.IntVar(&o.Steps, "steps", 1000, "`steps` of each account and Region that this process runs at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *serve != "" {
		places, err := temporalroll.ParsePlaces(*serve)
		if err != nil {
			return fmt.Errorf("-serve: %w", err)
		}
		o.Places = places
	}
	clients, err := awsClients(ctx, *role)
	if err != nil {
		return err
	}
	c, err := dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if *codec != "" {
		if err := serveCodec(ctx, *codec); err != nil {
			return err
		}
	}
	workers := temporalroll.NewWorkers(c, temporalroll.NewActivities(clients, func(o *rollout.Options) { o.Gate = rollout.NodesRunning() }), o)
	if err := workers.Start(); err != nil {
		return err
	}
	<-ctx.Done()
	workers.Stop()
	return nil
}

// serveCodec serves what Temporal calls a codec server. It knows no secret, and whoever
// reaches it can do no more than compress and decompress.
func serveCodec(ctx context.Context, address string) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("-codec: %w", err)
	}
	server := &http.Server{Handler: converter.NewPayloadCodecHTTPHandler(temporalroll.Codec()), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }() // ends with the context
	return nil
}
