// Package instancetype knows the families of HyperPod's instance types.
package instancetype

import "strings"

// The architectures, as EC2 and HyperPod's image parameters name them.
const (
	ARM64 = "arm64"
	X8664 = "x86_64"
)

// Architecture returns the architecture of a HyperPod instance type such as
// "ml.p5.48xlarge". False means that the family is not in the table, which holds
// every family of SageMaker's ClusterInstanceType as of SDK v1.287.1; the
// architectures are those of the EC2 instance type guide.
func Architecture(instanceType string) (string, bool) {
	family, _, _ := strings.Cut(strings.TrimPrefix(instanceType, "ml."), ".")
	switch family {
	case "c6g", "c7g", "c8g", "m6g", "m7g", "m8g", "r6g", "r7g", "r8g", // Graviton
		"p6e-gb200": // Grace
		return ARM64, true
	case "c5", "c5n", "c6a", "c6i", "c8a", "m5", "m6a", "m6i", "m7i", "m8a", "r5d", "r6i", "r7i", "t3", "i3en",
		"g4dn", "g5", "g6", "g6e", "g7", "g7e", "gr6",
		"p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300",
		"trn1", "trn1n", "trn2":
		return X8664, true
	default:
		return "", false
	}
}
