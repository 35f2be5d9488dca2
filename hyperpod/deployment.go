package hyperpod

import (
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Deployment says how nodes are replaced by a software update: one that the service starts
// itself, or that of a [RollPlan]. It is written and read as JSON.
// The zero value leaves all to the service, which then replaces all nodes of a group at
// the same time.
type Deployment struct {
	// Batch is how many nodes are replaced at a time: [Nodes] or [Percent], on EKS only,
	// or [AllAtOnce], which is what zero means too.
	Batch Batch `json:"batch,omitzero"`

	// RollbackBatch is how many nodes are taken back at a time when a batch fails. Zero
	// leaves it to the service. It needs a Batch of nodes or percent.
	RollbackBatch Batch `json:"rollbackBatch,omitzero"`

	// WaitInterval is the pause between batches, up to an hour, in which the service
	// watches the alarms. It is sent in whole seconds.
	WaitInterval time.Duration `json:"waitInterval,omitempty"`

	// Alarms are names of CloudWatch alarms, 10 at most: the service rolls back when one
	// of them fires. The group's execution role needs cloudwatch:DescribeAlarms.
	Alarms []string `json:"alarms,omitempty"`
}

// config is nil when nothing is asked for.
func (d Deployment) config() *types.DeploymentConfiguration {
	var config types.DeploymentConfiguration
	asked := false
	if d.Batch.sized() || d.RollbackBatch.sized() {
		config.RollingUpdatePolicy, asked = &types.RollingDeploymentPolicy{
			MaximumBatchSize: d.Batch.size(), RollbackMaximumBatchSize: d.RollbackBatch.size(),
		}, true
	}
	if d.WaitInterval != 0 {
		seconds := max(math.MinInt32, min(d.WaitInterval/time.Second, math.MaxInt32))
		config.WaitIntervalInSeconds, asked = aws.Int32(int32(seconds)), true
	}
	for _, name := range d.Alarms {
		config.AutoRollbackConfiguration, asked = append(config.AutoRollbackConfiguration, types.AlarmDetails{AlarmName: aws.String(name)}), true
	}
	if !asked {
		return nil
	}
	return &config
}
