package rollout_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func ExampleOpenFileStore() {
	ctx := context.Background()
	base, err := os.MkdirTemp("", "rollout")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(base) }()
	dir := filepath.Join(base, "2026-03-golden-image")

	mine, err := rollout.OpenFileStore(dir)
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	begun := rollout.Entry{
		Time: now, Runner: "laptop",
		Snapshot: &rollout.State{Version: rollout.Version, Name: "golden image of March"},
		Changes:  []rollout.Change{{Kind: rollout.ChangeBegun}},
	}
	if err := mine.Append(ctx, begun, 0); err != nil {
		panic(err)
	}

	// Another process pauses the rollout.
	theirs, err := rollout.OpenFileStore(dir)
	if err != nil {
		panic(err)
	}
	entries, err := theirs.Load(ctx, 0)
	if err != nil {
		panic(err)
	}
	seen := entries[len(entries)-1].Number
	paused := rollout.Entry{Time: now.Add(time.Minute), Changes: []rollout.Change{{Kind: rollout.ChangePaused, By: "on call"}}}
	if err := theirs.Append(ctx, paused, seen); err != nil {
		panic(err)
	}

	// The first one does not know, and is told when it goes on.
	resumed := rollout.Entry{Time: now.Add(time.Hour), Runner: "laptop", Changes: []rollout.Change{{Kind: rollout.ChangeResumed}}}
	fmt.Println("conflict:", errors.Is(mine.Append(ctx, resumed, 1), rollout.ErrConflict))
	entries, err = mine.Load(ctx, 1)
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		fmt.Println("new:", e.Number, e.Changes[0].Kind, "by", e.Changes[0].By)
	}
	// Output:
	// conflict: true
	// new: 2 paused by on call
}

// A journal in memory refuses, like any other, an entry whose writer has not seen the last
// one.
func ExampleMemStore() {
	ctx := context.Background()
	journal := rollout.NewMemStore()
	begun := rollout.Entry{
		Snapshot: &rollout.State{Version: rollout.Version, Name: "golden image of March"},
		Changes:  []rollout.Change{{Kind: rollout.ChangeBegun}},
	}
	fmt.Println(journal.Append(ctx, begun, 0))
	fmt.Println(errors.Is(journal.Append(ctx, begun, 0), rollout.ErrConflict))
	entries, err := journal.Load(ctx, 0)
	fmt.Println(len(entries), entries[0].Number, err)
	// Output:
	// <nil>
	// true
	// 1 1 <nil>
}
