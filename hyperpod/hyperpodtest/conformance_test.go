package hyperpodtest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestConformance(t *testing.T) {
	for name, spec := range map[string]*sagemaker.CreateClusterInput{
		"continuous": createInput(group("workers", 2), group("login", 1)),
		"whole":      wholeInput(group("workers", 2), group("login", 1)),
	} {
		t.Run(name, func(t *testing.T) {
			doors(t, func(t *testing.T, _ *hyperpodtest.Server, api hyperpodtest.API) {
				hyperpodtest.RunConformance(t, api, hyperpodtest.Conformance{Spec: spec, OtherImage: newer, Interval: time.Millisecond, Timeout: 10 * time.Second})
			}, func(o *hyperpodtest.Options) { o.Durations.NodeStart = 5 * time.Millisecond })
		})
	}
}
