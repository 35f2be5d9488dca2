// Package connect makes a client of a Temporal service from flags and environment.
package connect

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"

	"github.com/hyperpodkit/hyperpodkit/examples/temporal/temporalroll"
)

// Flags registers the flags of a connection, and gives a function that connects once they
// are parsed. What no flag says is taken from the environment (TEMPORAL_ADDRESS,
// TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS and their kin) and from Temporal's
// own configuration file, as its CLI does. An API key is no flag: flags are seen by all
// who may list processes.
func Flags(flags *flag.FlagSet) func(context.Context) (client.Client, error) {
	given := map[string]*string{}
	for name, f := range map[string]struct{ variable, usage string }{
		"address":     {"TEMPORAL_ADDRESS", "`host:port` of the Temporal service"},
		"namespace":   {"TEMPORAL_NAMESPACE", "Temporal's `namespace`"},
		"tls-ca":      {"TEMPORAL_TLS_SERVER_CA_CERT_PATH", "PEM `file` of the authority of the service's certificate"},
		"tls-cert":    {"TEMPORAL_TLS_CLIENT_CERT_PATH", "PEM `file` of the client's certificate"},
		"tls-key":     {"TEMPORAL_TLS_CLIENT_KEY_PATH", "PEM `file` of its key"},
		"server-name": {"TEMPORAL_TLS_SERVER_NAME", "`name` that the service's certificate is for"},
	} {
		given[f.variable] = flags.String(name, "", f.usage+" ("+f.variable+")")
	}
	return func(ctx context.Context) (client.Client, error) {
		options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: lookup(given)})
		if err != nil {
			return nil, fmt.Errorf("configure the connection to Temporal: %w", err)
		}
		options.DataConverter = temporalroll.DataConverter()
		options.Logger = log.NewStructuredLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
		c, err := client.DialContext(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("connect to Temporal at %q: %w", options.HostPort, err)
		}
		return c, nil
	}
}

// lookup is the environment with what flags say in front.
type lookup map[string]*string

// LookupEnv implements [envconfig.EnvLookup].
func (l lookup) LookupEnv(name string) (string, bool) {
	if value, ok := l[name]; ok && *value != "" {
		return *value, true
	}
	return os.LookupEnv(name)
}

// Environ implements [envconfig.EnvLookup].
func (l lookup) Environ() []string {
	var environ []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if value, ok := l[name]; !ok || *value == "" {
			environ = append(environ, entry)
		}
	}
	for name, value := range l {
		if *value != "" {
			environ = append(environ, name+"="+*value)
		}
	}
	return environ
}
