package main

import (
	"testing"

	"github.com/hyperpodkit/hyperpodkit/examples/internal/output"
)

func TestOutput(t *testing.T) { output.Check(t, run) }
