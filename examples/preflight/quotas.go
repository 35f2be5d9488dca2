package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// QuotasAPI is what [Quotas] calls.
type QuotasAPI interface {
	ListAWSDefaultServiceQuotas(context.Context, *servicequotas.ListAWSDefaultServiceQuotasInput, ...func(*servicequotas.Options)) (*servicequotas.ListAWSDefaultServiceQuotasOutput, error)
	ListServiceQuotas(context.Context, *servicequotas.ListServiceQuotasInput, ...func(*servicequotas.Options)) (*servicequotas.ListServiceQuotasOutput, error)
}

// Quotas reads SageMaker's quotas, with servicequotas:ListServiceQuotas and
// servicequotas:ListAWSDefaultServiceQuotas.
type Quotas struct{ API QuotasAPI }

var _ hyperpod.QuotaChecker = Quotas{}

// The codes of quotas on HyperPod clusters (developer guide, "SageMaker HyperPod
// quotas"; the codes are Service Quotas' own).
const (
	instancesPerCluster = "L-2CE978FC"
	instancesInAll      = "L-3308CCC7"
	spotInstances       = "L-97A2C724"
	volumeGB            = "L-E13DF72A"
)

// CheckQuotas finds quotas that the cluster exceeds by itself. What the account's other
// clusters use is not counted, so a quota can be used up without a finding.
//
// Instances of a training plan are counted for the whole only: whether they need a
// quota of their type is not documented.
func (c Quotas) CheckQuotas(ctx context.Context, use hyperpod.QuotaUse) ([]hyperpodkit.Finding, error) {
	f := &findings{path: use.Path}
	byCode, byName, err := c.list(ctx)
	if err != nil {
		return f.unless(err, "quota", "", "servicequotas:ListServiceQuotas and servicequotas:ListAWSDefaultServiceQuotas")
	}
	var all, spot, volume int32
	wanted := map[string]int32{}
	for _, g := range use.Groups {
		all += g.Count
		volume = max(volume, g.VolumeGB)
		switch {
		case g.TrainingPlan != "":
		case g.Spot:
			spot += g.Count
		case len(g.Types) == 1:
			wanted[g.Types[0]] += g.Count
		default:
			flexible(f, g, byName)
		}
	}
	within(f, byCode[instancesPerCluster], all, "instances in the cluster")
	within(f, byCode[instancesInAll], all, "instances in the cluster")
	within(f, byCode[spotInstances], spot, "Spot instances in the cluster")
	within(f, byCode[volumeGB], volume, "GB in a volume")
	for _, t := range slices.Sorted(maps.Keys(wanted)) {
		quota, known := byName[quotaName(t)]
		if !known {
			f.add(hyperpodkit.Unknown, "quota", t, fmt.Sprintf("there is no quota named %q", quotaName(t)), "look at the account's quotas")
			continue
		}
		within(f, quota, wanted[t], t+" in the cluster")
	}
	return f.list, nil
}

func quotaName(instanceType string) string { return instanceType + " for cluster usage" }

// flexible judges a group whose instances may be any mix of its types.
func flexible(f *findings, g hyperpod.GroupInstances, byName map[string]types.ServiceQuota) {
	sum := 0.0
	for _, t := range g.Types {
		quota := byName[quotaName(t)]
		if quota.Value == nil {
			return // it may allow any number
		}
		sum += *quota.Value
	}
	if float64(g.Count) > sum {
		f.add(hyperpodkit.Error, "quota", g.Group, fmt.Sprintf("the quotas of its types allow %g instances together, and %d are wanted: %s", sum, g.Count, strings.Join(g.Types, ", ")),
			"ask for a higher quota in Service Quotas")
	}
}

func within(f *findings, quota types.ServiceQuota, wanted int32, what string) {
	if quota.Value != nil && float64(wanted) > *quota.Value {
		f.add(hyperpodkit.Error, "quota", aws.ToString(quota.QuotaCode), fmt.Sprintf("%q is %g, and %d %s are wanted", aws.ToString(quota.QuotaName), *quota.Value, wanted, what),
			"ask for a higher quota in Service Quotas")
	}
}

// list reads the quotas: those applied to the account, and the defaults of those for
// which the service has no applied value (Service Quotas API reference,
// ListServiceQuotas).
func (c Quotas) list(ctx context.Context) (byCode, byName map[string]types.ServiceQuota, err error) {
	byCode, byName = map[string]types.ServiceQuota{}, map[string]types.ServiceQuota{}
	keep := func(quotas []types.ServiceQuota) {
		for _, q := range quotas {
			byCode[aws.ToString(q.QuotaCode)], byName[aws.ToString(q.QuotaName)] = q, q
		}
	}
	defaults := servicequotas.NewListAWSDefaultServiceQuotasPaginator(c.API, &servicequotas.ListAWSDefaultServiceQuotasInput{ServiceCode: aws.String("sagemaker")})
	for defaults.HasMorePages() {
		page, err := defaults.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		keep(page.Quotas)
	}
	applied := servicequotas.NewListServiceQuotasPaginator(c.API, &servicequotas.ListServiceQuotasInput{ServiceCode: aws.String("sagemaker")})
	for applied.HasMorePages() {
		page, err := applied.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		keep(page.Quotas)
	}
	return byCode, byName, nil
}
