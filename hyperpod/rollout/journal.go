package rollout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// errAgain means that somebody else has written to the journal, that this is known by
// now, and that the decision is to be made anew.
var errAgain = errors.New("the journal has news")

// keep writes an entry and applies it. Nothing may be done before it is kept.
func (r *run) keep(ctx context.Context, changes ...Change) error {
	e := Entry{Number: r.number + 1, Time: now(), Runner: r.id, Changes: changes}
	if r.number == 0 || r.kept >= r.options.SnapshotEvery {
		snapshot := r.state
		snapshot.Now = time.Time{}
		e.Snapshot = &snapshot
	}
	switch err := r.store.Append(ctx, e, r.number); {
	case errors.Is(err, ErrConflict):
		if err := r.catchUp(ctx); err != nil {
			return err
		}
		return errAgain
	case err != nil:
		return fmt.Errorf("rollout: write the journal: %w", err)
	}
	return r.apply(e)
}

func (r *run) apply(e Entry) error {
	if err := r.state.Apply(e); err != nil {
		return err
	}
	r.number = e.Number
	if r.kept++; e.Snapshot != nil {
		r.kept = 1
	}
	return nil
}

// catchUp applies what others have written. A control may write at any time; another
// runner takes the rollout over.
func (r *run) catchUp(ctx context.Context) error {
	entries, err := r.store.Load(ctx, r.number)
	if err != nil {
		return fmt.Errorf("rollout: read the journal: %w", err)
	}
	if len(entries) > 0 && entries[0].Number > r.number+1 && entries[0].Snapshot != nil {
		// What came before was dropped by somebody who has gone on far.
		r.state, r.number = *entries[0].Snapshot, entries[0].Number-1
	}
	taken := false
	for _, e := range entries {
		if err := r.apply(e); err != nil {
			return err
		}
		taken = taken || e.Runner != "" && e.Runner != r.id
	}
	if taken {
		r.replaced = true
		return ErrTakenOver
	}
	return nil
}

// load reads the rollout of the journal.
func (r *run) load(ctx context.Context) error {
	state, number, err := Load(ctx, r.store)
	if err != nil {
		return err
	}
	r.number, r.kept = number, r.options.SnapshotEvery // the next entry has a snapshot
	r.moments = len(state.Timeline)
	return r.adopt(state)
}

// Load reads the state of a journal, and the number of its last entry. The error is
// [ErrNotBegun] when there is none.
func Load(ctx context.Context, store Store) (State, uint64, error) {
	entries, err := store.Load(ctx, 0)
	if err != nil {
		return State{}, 0, fmt.Errorf("rollout: read the journal: %w", err)
	}
	if len(entries) == 0 {
		return State{}, 0, ErrNotBegun
	}
	if entries[0].Snapshot == nil {
		return State{}, 0, fmt.Errorf("rollout: journal entry %d is the first and has no snapshot", entries[0].Number)
	}
	state := *entries[0].Snapshot
	if state.Version != Version {
		return State{}, 0, fmt.Errorf("rollout: the journal has version %d, this library reads %d: read it with the version that began it", state.Version, Version)
	}
	number := entries[0].Number - 1
	for _, e := range entries {
		if number++; e.Number != number {
			return State{}, 0, fmt.Errorf("rollout: the journal has entry %d where %d should be", e.Number, number)
		}
		if err := state.Apply(e); err != nil {
			return State{}, 0, err
		}
	}
	return state, number, nil
}

// clone is a copy that shares nothing. A state is plain data, so its JSON is all of it.
func (s *State) clone() State {
	document, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("rollout: a state cannot be encoded: %v", err))
	}
	var c State
	if err := json.Unmarshal(document, &c); err != nil {
		panic(fmt.Sprintf("rollout: a state cannot be decoded: %v", err))
	}
	return c
}
