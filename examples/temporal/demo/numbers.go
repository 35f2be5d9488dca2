package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// measured is a run of the table.
type measured struct {
	name string
	args []string
}

// numbers runs the demo several times, one after the other, and prints what each run has
// cost as a row of a table.
func (o options) numbers(ctx context.Context, out io.Writer) error {
	say := func(text string) { _, _ = fmt.Fprintln(out, text) }
	say(tableHead)
	for _, m := range o.table() {
		f, total, err := o.measure(ctx, m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		say(f.row(m.name, total))
	}
	return nil
}

// table is what is measured: the same rollout by the in-process runner and by
// several numbers of workers, and one with all targets in flight at once in a single worker.
func (o options) table() []measured {
	common := []string{"-update", o.update.String(), "-poll", o.poll.String()}
	rows := []measured{{"in process", append([]string{"-in-process"}, common...)}}
	for _, n := range o.counts {
		name := fmt.Sprintf("%d workers", n)
		if n == 1 {
			name = "1 worker"
		}
		rows = append(rows, measured{name, append([]string{"-workers", strconv.Itoa(n)}, common...)})
	}
	return append(rows, measured{"1 worker, all at once", []string{"-workers", "1", "-at-once", "-update", o.hold.String(), "-poll", (o.hold / 10).String()}})
}

// measure runs the demo in a process of its own, so that no run is charged for what
// another one has left behind.
func (o options) measure(ctx context.Context, m measured) (figures, time.Duration, error) {
	folder, err := os.MkdirTemp("", "hyperpod-rollout-numbers-")
	if err != nil {
		return figures{}, 0, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	self, err := os.Executable()
	if err != nil {
		return figures{}, 0, err
	}
	file := filepath.Join(folder, "figures.json")
	args := append([]string{
		"once", "-clusters", strconv.Itoa(o.clusters), "-kill=false", "-progress=false", "-every", "5s", "-heartbeat", time.Minute.String(), "-figures", file,
	}, m.args...)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it ends its own processes
	cmd.WaitDelay = time.Minute
	if err := cmd.Run(); err != nil {
		return figures{}, 0, err
	}
	f, err := readFigures(file)
	return f, used(cmd.ProcessState), err
}
