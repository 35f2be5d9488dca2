// Command policy generates a policy.
package main

import (
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

func main() {
	doc, err := policy.Generate(policy.Scope{
		Partition: "aws", Region: "us-west-2", Account: "111122223333", Clusters: policy.AnyCluster(), Orchestrator: policy.Slurm(),
	}, policy.Read, policy.RollImage)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := doc.MarshalJSON()
	fmt.Println(string(text), err)
}
