// Command kubernetes waits with apimachinery's package wait.
package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

func main() {
	tries := 0
	fmt.Println(wait.PollUntilContextTimeout(context.Background(), time.Second, time.Minute, true, func(context.Context) (bool, error) {
		tries++
		return tries == 3, nil
	}))
}
