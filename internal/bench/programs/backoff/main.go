// Command backoff waits with cenkalti/backoff.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/cenkalti/backoff/v5"
)

func main() {
	tries := 0
	fmt.Println(backoff.Retry(context.Background(), func() (int, error) {
		if tries++; tries < 3 {
			return tries, errors.New("not yet")
		}
		return tries, nil
	}))
}
