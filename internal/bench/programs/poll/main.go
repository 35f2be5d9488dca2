// Command poll waits with package poll.
package main

import (
	"context"
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func main() {
	tries := 0
	fmt.Println(poll.Wait(context.Background(), "resource", func(context.Context) (poll.Observation[int], error) {
		if tries++; tries < 3 {
			return poll.Observation[int]{}, nil
		}
		return poll.Observation[int]{Verdict: poll.Done, Value: tries}, nil
	}))
}
