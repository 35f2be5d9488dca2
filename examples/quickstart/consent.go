package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
)

// consent asks whether a change may be made. An error means that it may not.
type consent func(ctx context.Context, change string) error

var errNotConsented = errors.New("not consented to, so nothing was changed")

// asking asks a person, who has to type yes. Everything else is a no, the end of the
// input included.
func asking(c console) consent {
	lines := bufio.NewScanner(c.in)
	return func(ctx context.Context, change string) error {
		if _, err := fmt.Fprintf(c.out, "%s? Type yes to go on: ", change); err != nil {
			return err
		}
		answer := make(chan string, 1)
		go func() { // a read cannot be cancelled: after Ctrl-C it is left behind
			lines.Scan()
			answer <- lines.Text()
		}()
		select {
		case text := <-answer:
			if strings.TrimSpace(text) != "yes" {
				return errNotConsented
			}
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
