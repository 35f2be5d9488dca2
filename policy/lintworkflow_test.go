package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// The page's policy lacks what its own workflows take.
func TestMissingActionsOfThePage(t *testing.T) {
	t.Parallel()
	text, _ := pagePolicy(t)
	lints, err := policy.Check(text, func(o *policy.CheckOptions) {
		o.Workflows, o.Scope.Orchestrator = []policy.Workflow{policy.UpdateGroups, policy.RollImage}, policy.EKS(eksARN)
	})
	require.NoError(t, err)
	var missing []string
	for _, l := range lints {
		if l.Code == "HYPERPOD_MISSING_ACTION" {
			missing = append(missing, strings.Split(l.Found, ",")[0])
			assert.Equal(t, policy.LintError, l.Severity)
		}
	}
	assert.Equal(t, []string{
		"UpdateGroups needs sagemaker:ListClusterEvents", "UpdateGroups needs sagemaker:DescribeClusterEvent",
		"UpdateGroups needs sagemaker:BatchAddClusterNodes", "RollImage needs sagemaker:DescribeClusterNode",
	}, missing, "each action once")
}

// A generated policy lacks nothing of its workflow; without one of its actions, that one.
func TestMissingActions(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tag-eks", "narrow-eks-kms"} {
		s := scopes()[name]
		for _, w := range workflows() {
			of := func(o *policy.CheckOptions) { o.Workflows, o.Scope = []policy.Workflow{w, w}, s }
			doc := generate(t, s, w)
			assert.NotContains(t, codes(doc.Check(of)), "HYPERPOD_MISSING_ACTION", "%s %v", name, w)
			for _, action := range actionsOf(doc) {
				less := *doc
				less.Statements = append(slices.Clone(doc.Statements), policy.Statement{Effect: policy.Deny, Action: policy.String(action), Resource: policy.String("*")})
				var missing []string
				for _, l := range less.Check(of) {
					if l.Code == "HYPERPOD_MISSING_ACTION" {
						missing = append(missing, strings.Fields(l.Found)[2])
					}
				}
				assert.Equal(t, []string{action + ","}, missing, "%s %v", name, w)
			}
		}
	}
	for text, lacks := range map[string]bool{
		`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`:                                             false,
		`{"Effect":"Allow","Action":"sagemaker:*","Resource":"*"}`:                                          false,
		`{"Effect":"Allow","Action":"sagemaker:*","Resource":[]}`:                                           true,
		`{"Effect":"Allow","NotAction":"sagemaker:List*","Resource":"*"}`:                                   true,
		`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"a:*","Resource":"*"}`: true,
		`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:a:::b"}`:                                     false,
	} {
		lints := decode(t, `{"Version":"2012-10-17","Statement":[`+text+`]}`).Check(func(o *policy.CheckOptions) { o.Workflows = []policy.Workflow{policy.Read} })
		assert.Equal(t, lacks, slices.Contains(codes(lints), "HYPERPOD_MISSING_ACTION"), text)
	}
}

func actionsOf(d *policy.Document) []string {
	var list []string
	for _, s := range d.Statements {
		for _, a := range s.Action.Items {
			if !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list
}
