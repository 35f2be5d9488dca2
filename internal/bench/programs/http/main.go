// Command http is what any program costs that speaks HTTP, as all of the SDK's do.
package main

import (
	"context"
	"fmt"
	"net/http"
)

func main() {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://example.com", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status, answer.Body.Close())
}
