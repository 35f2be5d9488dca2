package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// result is how a run ended.
type result struct {
	status    int
	out, errs string
	stage     *stage // nil when the run made none
}

// hpk runs the program on emulators of its own.
func hpk(t *testing.T, args ...string) result {
	t.Helper()
	return hpkOn(t, seed, args...)
}

// hpkOn runs the program on what makes its emulators.
func hpkOn(t *testing.T, makes func(context.Context) (*stage, error), args ...string) result {
	t.Helper()
	var r result
	var out, errs bytes.Buffer
	r.status = run(t.Context(), args, &app{in: strings.NewReader(""), out: &out, errs: &errs, stage: r.keep(makes)})
	r.out, r.errs = out.String(), errs.String()
	return r
}

func (r *result) keep(makes func(context.Context) (*stage, error)) func(context.Context) (*stage, error) {
	return func(ctx context.Context) (st *stage, err error) {
		st, err = makes(ctx)
		r.stage = st
		return st, err
	}
}

// the is a stage that exists.
func the(st *stage) func(context.Context) (*stage, error) {
	return func(context.Context) (*stage, error) { return st, nil }
}

// changes are the calls that changed something, but those that the stage was set with.
func (st *stage) changes() []string {
	var names []string
	for _, call := range st.images.Calls() {
		if !call.Forwarded && !strings.HasPrefix(call.Operation, "Describe") {
			names = append(names, call.Operation)
		}
	}
	for _, call := range st.clusters.Calls() {
		switch {
		case call.Operation == "CreateCluster":
		case strings.HasPrefix(call.Operation, "Describe"), strings.HasPrefix(call.Operation, "List"):
		default:
			names = append(names, call.Operation)
		}
	}
	return names
}

// words splits a line as a shell does, as far as these tests need.
func words(line string) []string {
	var all []string
	for _, word := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(line, -1) {
		all = append(all, strings.Trim(word, `"`))
	}
	return all
}

// toDate brings the time of a bubble to a date that does not surprise a reader.
func toDate() {
	time.Sleep(time.Until(time.Date(2026, time.September, 1, 9, 0, 0, 0, time.UTC)))
}

// documents decodes all JSON values of a text.
func documents(t *testing.T, text string) []any {
	t.Helper()
	var all []any
	for decoder := json.NewDecoder(strings.NewReader(text)); ; {
		var v any
		err := decoder.Decode(&v)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err, text)
		all = append(all, v)
	}
}
