// Command terraform waits with StateChangeConf of the Terraform plugin SDK.
package main

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/retry"
)

func main() {
	tries := 0
	conf := retry.StateChangeConf{
		Pending: []string{"pending"}, Target: []string{"done"},
		Refresh: func() (any, string, error) {
			if tries++; tries < 3 {
				return tries, "pending", nil
			}
			return tries, "done", nil
		},
	}
	fmt.Println(conf.WaitForStateContext(context.Background()))
}
