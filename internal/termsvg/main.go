// Command termsvg runs a program in a terminal of its own and draws the terminal as it
// looks at the end, or at a moment before, as an SVG. README.md's picture is drawn by
//
//	GOWORK=off go build -C examples -o ../.ci/bin/quickstart ./quickstart
//	GOWORK=off go run -C internal/termsvg . -from '^5\.' -until '(?s)workers InProgress .* 2/4 .*debug .* 1/1 ' -o ../../docs/quickstart.svg ../../.ci/bin/quickstart
//
// It works on systems that have pseudoterminals.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "termsvg:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be stopped
	}
}

// options is what the flags say.
type options struct {
	columns, rows int
	from, until   *regexp.Regexp
	file          string
	command       []string
}

func parse(args []string) (options, error) {
	var o options
	set := flag.NewFlagSet("termsvg", flag.ContinueOnError)
	set.IntVar(&o.columns, "columns", 118, "width of the terminal, in `characters`")
	set.IntVar(&o.rows, "rows", 40, "`lines` that are drawn at most")
	set.StringVar(&o.file, "o", "terminal.svg", "`file` to write")
	set.Func("from", "first line that is drawn, as a regular `expression` (default: the top of the screen)", expression(&o.from))
	set.Func("until", "draw the moment at which the screen fits this regular `expression` (default: the end)", expression(&o.until))
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.command = set.Args(); len(o.command) == 0 {
		return o, errors.New("no command: name it after the flags")
	}
	return o, nil
}

func expression(into **regexp.Regexp) func(string) error {
	return func(s string) (err error) {
		*into, err = regexp.Compile(s)
		return err
	}
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	screen := vt.NewEmulator(o.columns, o.rows)
	if err := play(ctx, o, screen); err != nil {
		return err
	}
	lines := read(screen)
	if o.from != nil {
		for len(lines) > 0 && !o.from.MatchString(lines[0].text()) {
			lines = lines[1:]
		}
	}
	if len(lines) == 0 {
		return fmt.Errorf("no line on the screen fits %v", o.from)
	}
	return os.WriteFile(o.file, []byte(draw(lines, o.columns)), 0o644) //nolint:gosec // a picture is for everybody
}

// play shows the command's output on the screen until its end, or until it shows
// what is waited for.
func play(ctx context.Context, o options, screen *vt.Emulator) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { _, _ = io.Copy(io.Discard, screen) }() // answers to the program, which asks nothing
	defer func() {
		if answers, ok := screen.InputPipe().(io.Closer); ok { // screen.Close races with a Read
			_ = answers.Close() // ends the Copy
		}
	}()
	cmd := exec.CommandContext(ctx, o.command[0], o.command[1:]...) //nolint:gosec // the command is the caller's own
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(o.columns), Rows: uint16(o.rows)}) //nolint:gosec // a terminal is smaller
	if err != nil {
		return err
	}
	defer tty.Close() //nolint:errcheck // nothing was written
	buffer := make([]byte, 4096)
	for {
		n, err := tty.Read(buffer)
		_, _ = screen.Write(buffer[:n]) // takes everything
		if o.until != nil && shows(screen, o.until) {
			cancel()
			_ = cmd.Wait() // ended by us
			return nil
		}
		if err == nil {
			continue
		}
		if waited := cmd.Wait(); waited != nil {
			return fmt.Errorf("%s: %w", strings.Join(o.command, " "), waited)
		}
		if o.until != nil {
			return fmt.Errorf("the screen never fitted %v", o.until)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) { // how a terminal ends whose program has ended
			return nil
		}
		return err
	}
}

func shows(screen *vt.Emulator, wanted *regexp.Regexp) bool {
	var b strings.Builder
	for _, l := range read(screen) {
		b.WriteString(l.text() + "\n")
	}
	return wanted.MatchString(b.String())
}
