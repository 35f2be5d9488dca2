package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// format is how a result is written.
type format string

const (
	table  format = "table"
	asJSON format = "json"
)

// MarshalText writes the format as the flag takes it.
func (f format) MarshalText() ([]byte, error) { return []byte(f), nil }

// UnmarshalText reads a format, and refuses what is none.
func (f *format) UnmarshalText(text []byte) error {
	switch got := format(text); got {
	case table, asJSON:
		*f = got
		return nil
	default:
		return fmt.Errorf("it is %s or %s", table, asJSON)
	}
}

// show writes a result of the library in the form that was asked for. The error of what
// made the result, which may be shown in part, goes before one of writing.
func (a *app) show(result fmt.Stringer, err error) error {
	if a.output == asJSON {
		return errors.Join(err, a.showJSON(result))
	}
	return errors.Join(err, a.showText(result.String()))
}

func (a *app) showJSON(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return a.showText(string(text))
}

func (a *app) showText(text string) error {
	_, err := fmt.Fprintln(a.out, strings.TrimRight(text, "\n"))
	return err
}

// read reads a file, or standard input for "-".
func (a *app) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(a.in)
	}
	return os.ReadFile(name)
}
