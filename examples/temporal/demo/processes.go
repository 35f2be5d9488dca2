package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is another process of the demo.
type process struct{ cmd *exec.Cmd }

func (p *process) id() int     { return p.cmd.Process.Pid }
func (p *process) kill() error { return p.cmd.Process.Kill() }

// end ends the process, and tells how much of the processors it has used.
func (p *process) end() time.Duration {
	_ = p.cmd.Process.Kill() // it may have ended already
	_ = p.cmd.Wait()
	if p.cmd.ProcessState == nil {
		return 0
	}
	return used(p.cmd.ProcessState)
}

// used is the processor time of a process and of those that it has waited for.
func used(s *os.ProcessState) time.Duration { return s.UserTime() + s.SystemTime() }

// spawn runs this program as another process.
func (o options) spawn(ctx context.Context, role string) (*process, io.Reader, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, self, role,
		"-clusters", strconv.Itoa(o.clusters), "-update", o.update.String(), "-poll", o.poll.String(),
		"-address", o.address, "-namespace", o.namespace, "-emulator", o.emulator)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	return &process{cmd}, stdout, nil
}

// spawnEmulator gives the emulator's address, too.
func (o options) spawnEmulator(ctx context.Context) (*process, string, error) {
	p, stdout, err := o.spawn(ctx, "emulator")
	if err != nil {
		return nil, "", err
	}
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		p.end()
		return nil, "", fmt.Errorf("the emulator did not start: %w", err)
	}
	return p, strings.TrimSpace(address), nil
}

// end ends all processes.
func (d *demonstration) end() {
	for _, w := range d.workers {
		d.figures.Workers += w.end()
	}
	if d.emulator != nil {
		d.figures.Emulator = d.emulator.end()
	}
}

// tellMemory prints the peak memory of the workers that live, where the system tells it.
func (d *demonstration) tellMemory() {
	for _, w := range d.workers {
		if kilobytes := peak(w.id()); kilobytes > 0 {
			d.figures.Memory = append(d.figures.Memory, kilobytes)
			d.say("worker %d: at most %d MB of memory", w.id(), kilobytes/1024)
		}
	}
}

// peak is the most memory that a living process has had, in kilobytes: zero where the
// system does not tell.
func peak(process int) int64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if after, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(after), "kB")), 10, 64)
			return kilobytes
		}
	}
	return 0
}
