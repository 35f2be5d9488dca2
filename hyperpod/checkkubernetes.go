package hyperpod

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// reservedDomains are those whose labels and taints are not the user's to set, by the
// developer guide's page on labels and taints of instance groups.
func reservedDomains() []string {
	return []string{"kubernetes.io", "k8s.io", "sagemaker.amazonaws.com", "eks.amazonaws.com", "k8s.aws", "karpenter.sh"}
}

func (c *checker) kubernetes(spec *types.ClusterInstanceGroupSpecification) {
	config := spec.KubernetesConfig
	if config == nil {
		return
	}
	if c.in.orchestrator == "slurm" {
		c.refuse("orchestrator-fields", "KubernetesConfig", "the cluster is orchestrated by Slurm", "leave it out")
	}
	if len(config.Taints) > 0 && len(spec.OnStartDeepHealthChecks) > 0 {
		c.refuse("taints-and-checks", "KubernetesConfig.Taints", "OnStartDeepHealthChecks is set, and a group with deep health checks takes no taints", "keep one of the two")
	}
	var reserved []string
	for key := range config.Labels {
		if isReserved(key) {
			reserved = append(reserved, key)
		}
	}
	slices.Sort(reserved)
	for _, key := range reserved {
		c.reserved("KubernetesConfig.Labels["+strconv.Quote(key)+"]", key)
	}
	for i, t := range config.Taints {
		if t.Key == nil {
			continue
		}
		if isReserved(*t.Key) {
			c.reserved(fmt.Sprintf("KubernetesConfig.Taints[%d].Key", i), *t.Key)
		}
		// Kubernetes takes one taint of a key and an effect; that the service looks is
		// not known.
		same := func(other types.ClusterKubernetesTaint) bool {
			return other.Key != nil && *other.Key == *t.Key && other.Effect == t.Effect
		}
		if slices.ContainsFunc(config.Taints[:i], same) {
			c.warn("unique-taints", fmt.Sprintf("KubernetesConfig.Taints[%d]", i), fmt.Sprintf("%q has the effect %s twice", *t.Key, t.Effect), "keep one")
		}
	}
}

// isReserved tells whether a key lies in a reserved domain or below one.
func isReserved(key string) bool {
	domain, _, prefixed := strings.Cut(key, "/")
	return prefixed && reservedDomain(domain) != ""
}

// reservedDomain is the reserved domain that a domain is or lies in.
func reservedDomain(domain string) string {
	for _, r := range reservedDomains() {
		if above, in := strings.CutSuffix(domain, r); in && (above == "" || above[len(above)-1] == '.') {
			return r
		}
	}
	return ""
}

// reserved refuses a key of a reserved domain. Whether the service also refuses the
// domains below, which Kubernetes reserves as well, is not known.
func (c *checker) reserved(at, key string) {
	domain, _, _ := strings.Cut(key, "/")
	r := reservedDomain(domain)
	found, fix := fmt.Sprintf("the prefix %s/ is reserved", r), "use a prefix of your own, or none"
	if domain == r {
		c.refuse("reserved-prefix", at, found, fix)
		return
	}
	c.warn("reserved-prefix", at, found, fix)
}
