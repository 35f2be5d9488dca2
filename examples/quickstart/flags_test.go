package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// liveFlags are all that -live needs.
func liveFlags(more ...string) []string {
	return append([]string{
		"-live", "-eks-cluster", emulated.eksCluster, "-role", emulated.role,
		"-subnets", "subnet-0123456789abcdef0,subnet-0fedcba9876543210", "-security-groups", "sg-0123456789abcdef0",
		"-lifecycle", emulated.lifecycle, "-instance-type", "ml.p5.48xlarge",
		"-image", emulated.image, "-next-image", emulated.next,
	}, more...)
}

func TestFlags(t *testing.T) {
	o, err := parse(liveFlags("-yes", "-failing-image", emulated.broken), io.Discard)
	require.NoError(t, err)
	want := emulated
	want.subnets = []string{"subnet-0123456789abcdef0", "subnet-0fedcba9876543210"}
	assert.Equal(t, options{live: true, yes: true, names: want}, o)

	o, err = parse(nil, io.Discard)
	require.NoError(t, err)
	assert.False(t, o.live)
}

func TestFlagErrors(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"all that is missing at once": {
			args: []string{"-live", "-role", "", "-lifecycle", "s3://amzn-s3-demo-bucket"},
			want: []string{
				"flag -eks-cluster: missing", "flag -role: missing", "flag -subnets: missing", "flag -security-groups: missing",
				"flag -instance-type: missing", "flag -image: missing", "flag -next-image: missing",
			},
		},
		"flags of an account without -live": {
			args: []string{"-yes", "-cluster", "c"},
			want: []string{"flag -cluster: means something with -live only", "flag -yes: means something with -live only"},
		},
		"arguments":    {args: []string{"train"}, want: []string{`arguments ["train"]: only flags are taken`}},
		"unknown flag": {args: []string{"-region", "x"}, want: []string{"flag provided but not defined: -region"}},
		"no scaling":   {args: liveFlags("-workers", "4"), want: []string{"flags -workers and -more-workers: 4 and 4, "}},
		"no count":     {args: liveFlags("-workers", "4294967298"), want: []string{`invalid value "4294967298" for flag -workers: `}},
		"one AMI only": {args: liveFlags("-next-image", emulated.image), want: []string{"flags -image and -next-image: both ami-0123456789abcdef0, "}},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			assert.Equal(t, 2, run(t.Context(), test.args, console{out: &out, err: &errs}))
			for _, want := range test.want {
				assert.Contains(t, errs.String(), want)
			}
			assert.Len(t, strings.Split(strings.TrimSpace(errs.String()), "\n"), len(test.want), "each mistake once, in a line")
			assert.Empty(t, out.String())
		})
	}
}

func TestHelp(t *testing.T) {
	var errs bytes.Buffer
	assert.Zero(t, run(t.Context(), []string{"-h"}, console{err: &errs}))
	assert.Contains(t, errs.String(), "-eks-cluster ARN")
}
