package readme_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// told is what a program makes of an error.
func told(err error) string {
	//readme:start errors
	if refused, ok := errors.AsType[*hyperpod.InvalidError](err); ok { // nothing was sent
		return fmt.Sprint(len(refused.Findings), " mistakes, the first at ", refused.Findings[0].Path)
	}
	if failed, ok := errors.AsType[*hyperpod.FailedError](err); ok { // accepted, and it came to another end
		return failed.Explanation.String()
	}
	//readme:end
	return ""
}

func TestErrors(t *testing.T) {
	onEmulators(t, func(t *testing.T, w world) {
		train := w.train(t)
		_, err := train.Update(t.Context(), hyperpod.Scale("workers", -1))
		assert.Equal(t, "1 mistakes, the first at InstanceGroups[0].InstanceCount", told(err))

		w.clusters.FailLifecycle(next, "nvidia-smi: command not found")
		_, err = train.RollImage(t.Context(), hyperpod.Roll{
			Image: hyperpod.AMI(next), Groups: hyperpod.Named("workers"), Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true,
		})
		assert.Contains(t, told(err), "nvidia-smi: command not found")
	})
}
