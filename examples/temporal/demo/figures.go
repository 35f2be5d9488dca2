package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"
)

// figures are what a run has cost.
type figures struct {
	Targets   int           `json:"targets"`
	Calls     int           `json:"calls"`
	Took      time.Duration `json:"took"`
	InFlight  int           `json:"inFlight"` // targets under way at the same time, at most
	Workflows int           `json:"workflows,omitempty"`
	Events    int           `json:"events,omitempty"`
	Memory    []int64       `json:"memory,omitempty"` // kilobytes, of each process that runs steps
	// Processor time of the emulator and of all workers.
	Emulator time.Duration `json:"emulator"`
	Workers  time.Duration `json:"workers,omitempty"`
}

func (f figures) write(file string) error {
	document, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(file, document, 0o600)
}

func readFigures(file string) (f figures, err error) {
	document, err := os.ReadFile(file)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(document, &f)
}

const tableHead = `| Runner | Most targets in flight | Time | Calls per target | Events per target | Memory of a worker | CPU: workers | Temporal | emulator |
|---|--:|--:|--:|--:|--:|--:|--:|--:|`

// row is a row of the table. total is the processor time of all processes of the run.
func (f figures) row(name string, total time.Duration) string {
	events, workers, own := "–", f.Workers, total-f.Emulator-f.Workers
	if f.Workflows > 0 {
		events = fmt.Sprintf("%.1f", float64(f.Events)/float64(f.Targets))
	} else {
		workers, own = own, 0 // the runner is in the demo's own process
	}
	memory := "?"
	if len(f.Memory) > 0 {
		memory = fmt.Sprintf("%d MB", slices.Max(f.Memory)/1024)
	}
	return fmt.Sprintf("| %s | %d | %s | %.2f | %s | %s | %s | %s | %s |", name, f.InFlight, seconds(f.Took),
		float64(f.Calls)/float64(f.Targets), events, memory, seconds(workers), seconds(own), seconds(f.Emulator))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }
