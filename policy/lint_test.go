package policy_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

func codes(lints []policy.Lint) []string {
	var list []string
	for _, l := range lints {
		if !slices.Contains(list, l.Code) {
			list = append(list, l.Code)
		}
	}
	slices.Sort(list)
	return list
}

// Every hole of the page's policy that can be seen in its text, and its misspelt action
// with the right spelling and where it stands.
func TestLintOfThePage(t *testing.T) {
	t.Parallel()
	text, _ := pagePolicy(t)
	lints, err := policy.Check(text)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"CREATE_SLR_WITH_STAR_IN_RESOURCE",
		"HYPERPOD_ANY_EKS_CLUSTER", "HYPERPOD_ANY_LINKED_ROLE", "HYPERPOD_CLUSTERS_OF_EVERY_TEAM", "HYPERPOD_CODE_AS_THE_ROLE",
		"HYPERPOD_EVERY_REGION", "HYPERPOD_IMAGE_OF_EVERY_CLUSTER", "HYPERPOD_IMAGE_SHARED_WITH_ANYONE",
		"HYPERPOD_PASS_ROLE_TO_ANY_SERVICE", "HYPERPOD_SNAPSHOT_CAN_BE_PUBLIC", "HYPERPOD_SNAPSHOT_SHARED_WITH_ANYONE", "INVALID_ACTION",
	}, codes(lints))
	i := slices.IndexFunc(lints, func(l policy.Lint) bool { return l.Code == "INVALID_ACTION" })
	assert.Equal(t, "Statement[1].Action[3]", lints[i].Element)
	assert.Equal(t, "write sagemaker:DescribeClusterNode", lints[i].Fix)
	line := strings.Split(string(text), "\n")[lints[i].Position.Line-1]
	assert.True(t, strings.HasPrefix(line[lints[i].Position.Column-1:], `"sagemaker:DescribeCluterNode"`), line)
	assert.True(t, slices.IsSortedFunc(lints, func(a, b policy.Lint) int { return a.Position.Offset - b.Position.Offset }))
	for _, l := range lints {
		assert.NotEmpty(t, l.Fix, l)
		assert.Contains(t, l.String(), "["+l.Code+"]")
	}
	// Each attack of testdata/attacks.md, with the codes that tell of it.
	for attack, seen := range map[string][]string{
		"T1": {"HYPERPOD_PASS_ROLE_TO_ANY_SERVICE"},
		"T2": {"HYPERPOD_CODE_AS_THE_ROLE"},
		"T3": {"HYPERPOD_IMAGE_OF_EVERY_CLUSTER"},
		"T4": {"HYPERPOD_CLUSTERS_OF_EVERY_TEAM"},
		"T5": nil, // the page grants no tagging
		"T6": nil,
		"T7": nil, // so it is with every condition on a tag: the guardrail is against it
		"T8": {"HYPERPOD_SNAPSHOT_CAN_BE_PUBLIC"},
		"T9": {"HYPERPOD_IMAGE_SHARED_WITH_ANYONE"}, "T10": {"HYPERPOD_IMAGE_SHARED_WITH_ANYONE", "HYPERPOD_SNAPSHOT_SHARED_WITH_ANYONE"},
		"T11": {"HYPERPOD_SNAPSHOT_SHARED_WITH_ANYONE"},
		"T12": {"HYPERPOD_ANY_EKS_CLUSTER"},
		"T13": {"HYPERPOD_ANY_LINKED_ROLE", "CREATE_SLR_WITH_STAR_IN_RESOURCE"},
		"T14": nil, // the page grants nothing of KMS
		"T15": {"HYPERPOD_EVERY_REGION"},
		"T16": {"INVALID_ACTION"},
	} {
		assert.Subset(t, codes(lints), seen, attack)
	}
}

// What is generated has no mistakes, and of the holes only those that no key closes.
func TestLintOfGeneratedPolicies(t *testing.T) {
	t.Parallel()
	noKey := []string{"HYPERPOD_CODE_AS_THE_ROLE", "HYPERPOD_IMAGE_SHARED_WITH_ANYONE", "HYPERPOD_SNAPSHOT_SHARED_WITH_ANYONE"}
	for name, s := range scopes() {
		for _, w := range workflows() {
			allowed := noKey
			if strings.HasPrefix(name, "any") { // all clusters of the account are meant
				allowed = append(slices.Clone(noKey), "HYPERPOD_CLUSTERS_OF_EVERY_TEAM", "HYPERPOD_IMAGE_OF_EVERY_CLUSTER", "HYPERPOD_TAGS_MOVE_CLUSTERS")
			}
			if !strings.HasPrefix(name, "tag") && !strings.HasPrefix(name, "china") {
				allowed = append(slices.Clone(allowed), "HYPERPOD_TAGS_MOVE_CLUSTERS") // clusters are not told apart by tags
			}
			if len(s.InstanceTypes) > 0 && w == policy.UpdateGroups {
				allowed = append(slices.Clone(allowed), "HYPERPOD_FORALLVALUES_WITHOUT_NULL") // an update need not send them
			}
			if len(s.Accounts) > 0 && w == policy.ShareImage {
				// What only takes permissions away names no account, and a call may name several.
				allowed = append(slices.Clone(allowed), "FORALLVALUES_WITH_SINGLE_VALUED_KEY", "HYPERPOD_FORALLVALUES_WITHOUT_NULL")
			}
			lints, err := policy.Check(generate(t, s, w).Encode())
			require.NoError(t, err)
			for _, l := range lints {
				assert.Contains(t, allowed, l.Code, "%s %v: %s", name, w, l)
			}
		}
		lints := generate(t, s, workflows()...).Check()
		assert.Contains(t, codes(lints), "HYPERPOD_TAGS_AND_SHARES", "one holder of all")
	}
	for name, d := range otherDocuments(t) {
		if strings.Contains(name, "trust") || name == "key" {
			continue // they name principals
		}
		for _, l := range d.Check() {
			assert.NotEqual(t, policy.LintError, l.Severity, "%s: %s", name, l)
		}
	}
}

func TestLints(t *testing.T) {
	t.Parallel()
	one := func(statement string) string { return `{"Version":"2012-10-17","Statement":[` + statement + `]}` }
	tests := map[string]struct{ text, element string }{
		"MISSING_VERSION":                               {`{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}`, "Version"},
		"UNIQUE_SIDS_REQUIRED":                          {one(`{"Sid":"A","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"a:c","Resource":"*"}`), "Statement[1].Sid"},
		"UNSUPPORTED_SID":                               {one(`{"Sid":"A b","Effect":"Allow","Action":"a:b","Resource":"*"}`), "Statement[0].Sid"},
		"INVALID_CONDITION_OPERATOR":                    {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEqual":{"k":"v"}}}`), "Statement[0].Condition.StringEqual.k"},
		"MISSING_RESOURCE":                              {one(`{"Effect":"Allow","Action":"a:b"}`), "Statement[0]"},
		"UNSUPPORTED_PRINCIPAL":                         {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Principal":"*"}`), "Statement[0].Principal"},
		"INVALID_ARN_PREFIX":                            {one(`{"Effect":"Allow","Action":"a:b","Resource":"bucket"}`), "Statement[0].Resource[0]"},
		"EMPTY_ARRAY_ACTION":                            {one(`{"Effect":"Allow","Action":[],"Resource":"*"}`), "Statement[0].Action"},
		"EMPTY_OBJECT_CONDITION":                        {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{}}`), "Statement[0].Condition"},
		"WILDCARD_IN_SERVICE_NAME":                      {one(`{"Effect":"Allow","Action":"sage*:DescribeCluster","Resource":"*"}`), "Statement[0].Action"},
		"INVALID_ACTION":                                {one(`{"Effect":"Allow","Action":["a:b","ec2:DescribeImage"],"Resource":"*"}`), "Statement[0].Action[1]"},
		"PASS_ROLE_WITH_STAR_IN_RESOURCE":               {one(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/*"}`), "Statement[0].Action"},
		"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE":    {one(`{"Effect":"Allow","Action":"iam:*","Resource":"*"}`), "Statement[0].Action"},
		"PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE": {one(`{"Effect":"Allow","Action":"iam:Pass*","NotResource":"arn:aws:a:::b"}`), "Statement[0].Action"},
		"PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION": {one(`{"Effect":"Allow","NotAction":"a:b","Resource":"*"}`), "Statement[0].NotAction"},
		"PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE":      {one(`{"Effect":"Allow","NotAction":"a:b","NotResource":"arn:aws:a:::b"}`), "Statement[0].NotAction"},
		"PASS_ROLE_WITH_NOTRESOURCE":                    {one(`{"Effect":"Allow","Action":"iam:PassRole","NotResource":"arn:aws:a:::b"}`), "Statement[0].Action"},
		"CREATE_SLR_WITH_STAR_IN_RESOURCE":              {one(`{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*"}`), "Statement[0].Action"},
		"INVALID_PARTITION":                             {one(`{"Effect":"Allow","Action":"a:b","Resource":"arn:was:a:::x"}`), "Statement[0].Resource"},
		"INVALID_ARN_ACCOUNT":                           {one(`{"Effect":"Allow","Action":"a:b","Resource":["arn:aws:a::12345:x"]}`), "Statement[0].Resource[0]"},
		"ARN_ACCOUNT_NOT_ALLOWED":                       {one(`{"Effect":"Allow","Action":"ec2:ModifyImageAttribute","Resource":"arn:aws:ec2:us-west-2:111122223333:image/ami-1"}`), "Statement[0].Resource"},
		"HYPERPOD_CLUSTER_ARN_BY_NAME":                  {one(`{"Effect":"Allow","Action":"sagemaker:DeleteCluster","Resource":"arn:aws:sagemaker:us-west-2:111122223333:cluster/my-cluster"}`), "Statement[0].Resource"},
		"UNSUPPORTED_RESOURCE_ARN_IN_POLICY":            {one(`{"Effect":"Allow","Action":"sagemaker:ListClusters","Resource":"arn:aws:sagemaker:us-west-2:111122223333:cluster/*"}`), "Statement[0].Resource"},
		"DUPLICATE_KEYS_WITH_DIFFERENT_CASE":            {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"a:k":"v","A:K":"w"}}}`), "Statement[0].Condition.StringEquals.A:K"},
		"EMPTY_ARRAY_CONDITION":                         {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"a:k":[]}}}`), "Statement[0].Condition.StringEquals.a:k"},
		"MISSING_QUALIFIER":                             {one(`{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"aws:TagKeys":"k"}}}`), "Statement[0].Condition.StringEquals.aws:TagKeys"},
		"FORALLVALUES_WITH_SINGLE_VALUED_KEY":           {one(`{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"ForAllValues:StringEquals":{"ec2:CreateAction":"k"}}}`), "Statement[0].Condition.ForAllValues:StringEquals.ec2:CreateAction"},
		"HYPERPOD_FORALLVALUES_WITHOUT_NULL":            {one(`{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"k"}}}`), "Statement[0].Condition.ForAllValues:StringEquals.aws:TagKeys"},
		"WILDCARD_WITHOUT_LIKE_OPERATOR":                {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"a:k":"v*"}}}`), "Statement[0].Condition.StringEquals.a:k"},
		"UNSUPPORTED_ACTION_FOR_CONDITION_KEY":          {one(`{"Effect":"Allow","Action":"kms:DescribeKey","Resource":"*","Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}}`), "Statement[0].Condition.Bool.kms:GrantIsForAWSResource"},
		"REDUNDANT_ACTION":                              {one(`{"Effect":"Allow","Action":["a:*","a:b"],"Resource":"*"}`), "Statement[0].Action[1]"},
		"REDUNDANT_RESOURCE":                            {one(`{"Effect":"Allow","Action":"a:b","Resource":["arn:aws:a:::b","*"]}`), "Statement[0].Resource[0]"},
		"REDUNDANT_STATEMENT":                           {one(`{"Effect":"Allow","Action":"a:b","Resource":"*"},{"Effect":"Allow","Action":"a:*","Resource":"*"}`), "Statement[0]"},
		"HYPERPOD_TAG_KEY_CASE":                         {one(`{"Effect":"Deny","Action":"ec2:CreateTags","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"AllowSharing"}}}`), "Statement[0].Condition.ForAnyValue:StringEquals.aws:TagKeys"},
		"HYPERPOD_SHARING_WITHOUT_GUARD":                {one(`{"Effect":"Allow","Action":"ec2:ModifyImageAttribute","Resource":"*"}`), "Statement[0].Action"},
		"HYPERPOD_ANY_KEY":                              {one(`{"Effect":"Allow","Action":["kms:CreateGrant"],"Resource":"*"}`), "Statement[0].Action[0]"},
		"HYPERPOD_KEY_FOR_EVERY_SERVICE":                {one(`{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"arn:aws:kms:us-west-2:111122223333:key/*","Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}}`), "Statement[0].Action"},
		"HYPERPOD_NO_ENCRYPTION_CONTEXT":                {one(`{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:a":"b"}}}`), "Statement[0].Action"},
		"HYPERPOD_TAGS_MOVE_CLUSTERS":                   {one(`{"Effect":"Allow","Action":"sagemaker:AddTags","Resource":"*"}`), "Statement[0].Action"},
		"NULL_WITH_IF_EXISTS":                           {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"NullIfExists":{"a:k":"true"}}}`), "Statement[0].Condition.NullIfExists.a:k"},
		"NULL_WITH_QUALIFIER":                           {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"ForAllValues:Null":{"a:k":"true"}}}`), "Statement[0].Condition.ForAllValues:Null.a:k"},
		"TYPE_MISMATCH_NUMBER":                          {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"NumericEquals":{"a:k":"many"}}}`), "Statement[0].Condition.NumericEquals.a:k"},
		"TYPE_MISMATCH_DATE":                            {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"DateEquals":{"a:k":"soon"}}}`), "Statement[0].Condition.DateEquals.a:k"},
		"TYPE_MISMATCH_BOOLEAN":                         {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"a:k":"yes"}}}`), "Statement[0].Condition.Bool.a:k"},
		"TYPE_MISMATCH_IP_RANGE":                        {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"IpAddress":{"a:k":"10/64"}}}`), "Statement[0].Condition.IpAddress.a:k"},
		"TYPE_MISMATCH":                                 {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"ArnLike":{"a:k":"role/x"}}}`), "Statement[0].Condition.ArnLike.a:k"},
		"MISSING_BRACE_IN_VARIABLE":                     {one(`{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a:::${aws:username"}`), "Statement[0].Resource[0]"},
		"EMPTY_VARIABLE":                                {one(`{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a:::${}"}`), "Statement[0].Resource[0]"},
		"MISSING_QUOTE_IN_VARIABLE":                     {one(`{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a:::${a:k, x}"}`), "Statement[0].Resource[0]"},
		"VARIABLE_UNSUPPORTED_IN_ELEMENT":               {one(`{"Effect":"Allow","Action":"a:${aws:username}","Resource":"*"}`), "Statement[0].Action"},
		"INVALID_SERVICE_IN_ACTION":                     {one(`{"Effect":"Allow","Action":"sagmaker:CreateCluster","Resource":"*"}`), "Statement[0].Action"},
		"MISSING_ARN_FIELD":                             {one(`{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a"}`), "Statement[0].Resource"},
		"INVALID_ARN_SERVICE_CASE":                      {one(`{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:EC2:us-west-2::image/*"}`), "Statement[0].Resource"},
		"INVALID_ARN_REGION":                            {one(`{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:ec2:oregon::image/*"}`), "Statement[0].Resource"},
		"ARN_REGION_NOT_ALLOWED":                        {one(`{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:iam:us-west-2:111122223333:role/x"}`), "Statement[0].Resource"},
		"INVALID_CONDITION_MULTIPLE_BOOLEAN":            {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"a:k":["true","false"]}}}`), "Statement[0].Condition.Bool.a:k"},
		"INVALID_CONDITION_KEY_FORMAT":                  {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"team":"x"}}}`), "Statement[0].Condition.StringEquals.team"},
		"MISSING_TAG_KEY_IN_CONDITION":                  {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/":"x"}}}`), "Statement[0].Condition.StringEquals.aws:ResourceTag/"},
		"INVALID_GLOBAL_CONDITION_KEY":                  {one(`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTags/team":"x"}}}`), "Statement[0].Condition.StringEquals.aws:ResourceTags/team"},
		"VARIABLE_UNSUPPORTED_IN_VERSION":               {`{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:a:::${aws:username}"}]}`, "Statement[0].Resource"},
		"HYPERPOD_REMOVES_ALL_TAGS":                     {one(`{"Effect":"Allow","Action":"ec2:DeleteTags","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}}`), "Statement[0].Action"},
		"HYPERPOD_PASS_ROLE_TO_ANY_SERVICE":             {one(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/a"}`), "Statement[0].Action"},
		"HYPERPOD_ANY_LINKED_ROLE":                      {one(`{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"arn:aws:iam::111122223333:role/a"}`), "Statement[0].Action"},
		"HYPERPOD_IMAGE_OF_EVERY_CLUSTER":               {one(`{"Effect":"Allow","Action":"sagemaker:UpdateClusterSoftware","Resource":"arn:aws:sagemaker:us-west-2:111122223333:cluster/*"}`), "Statement[0].Action"},
		"HYPERPOD_TAGS_AND_SHARES":                      {one(`{"Effect":"Allow","Action":["ec2:CreateTags","ec2:ModifyImageAttribute"],"Resource":"*"}`), ""},
		"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA":     {one(`{"Effect":"Allow","Action":"a:` + strings.Repeat("b", 7000) + `","Resource":"*"}`), ""},
	}
	for code, tt := range tests {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			lints, err := policy.Check([]byte(tt.text))
			require.NoError(t, err)
			i := slices.IndexFunc(lints, func(l policy.Lint) bool { return l.Code == code })
			require.GreaterOrEqual(t, i, 0, "%v", lints)
			assert.Equal(t, tt.element, lints[i].Element)
			assert.NotEmpty(t, lints[i].Fix)
			if code == "MISSING_VERSION" || tt.element == "" {
				return // it stands nowhere
			}
			assert.Positive(t, lints[i].Position.Line)
		})
	}
	_, err := policy.Check([]byte(`{`))
	require.ErrorIs(t, err, policy.ErrInvalidDocument)
}

// What a text cannot have, since it is not decoded then, a document that a program built can.
func TestLintsOfBuiltDocuments(t *testing.T) {
	t.Parallel()
	good := policy.Statement{Effect: policy.Allow, Action: policy.String("a:b"), Resource: policy.String("*")}
	for code, spoil := range map[string]func(*policy.Document, *policy.Statement){
		"INVALID_VERSION":                 func(d *policy.Document, _ *policy.Statement) { d.Version = "2013-10-17" },
		"INVALID_EFFECT":                  func(_ *policy.Document, s *policy.Statement) { s.Effect = "Permit" },
		"UNSUPPORTED_ELEMENT_COMBINATION": func(_ *policy.Document, s *policy.Statement) { s.NotResource = policy.String("*") },
		"MISSING_ACTION":                  func(_ *policy.Document, s *policy.Statement) { s.Action = policy.Values{} },
	} {
		d, s := policy.Document{Version: policy.Version2012}, good
		spoil(&d, &s)
		d.Statements = []policy.Statement{s}
		lints := d.Check()
		i := slices.IndexFunc(lints, func(l policy.Lint) bool { return l.Code == code })
		require.GreaterOrEqual(t, i, 0, "%s: %v", code, lints)
		assert.NotEmpty(t, lints[i].Fix, code)
	}
}

// The codes that are not this package's own are AWS's.
func TestLintCodesAreOfAccessAnalyzer(t *testing.T) {
	t.Parallel()
	var reference struct{ Codes []string }
	data, err := os.ReadFile("testdata/access-analyzer-checks.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &reference))
	for _, file := range []string{"lint.go", "lintaction.go", "lintscope.go", "lintcondition.go", "lintinvalid.go", "compile.go", "condition.go", "operator.go", "match.go"} {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, word := range strings.FieldsFunc(string(source), func(r rune) bool { return r == '"' }) {
			if len(word) < 8 || strings.ToUpper(word) != word || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" ||
				strings.HasPrefix(word, "HYPERPOD_") || strings.HasPrefix(word, "_") || strings.HasSuffix(word, "_") || word == "PASS_ROLE" || word == "CREATE_SLR" || word == "NOTRESOURCE" || word == "RESOURCE" {
				continue
			}
			assert.Contains(t, reference.Codes, word, file)
		}
	}
	for _, l := range []string{`{"Effect":"Allow","Action":"iam:*","Resource":"*"}`, `{"Effect":"Allow","NotAction":"a:b","NotResource":"arn:aws:a:::x"}`, `{"Effect":"Allow","Action":"iam:PassRole","NotResource":"arn:aws:a:::x"}`} {
		for _, found := range decode(t, `{"Version":"2012-10-17","Statement":[`+l+`]}`).Check() {
			if !strings.HasPrefix(found.Code, "HYPERPOD_") {
				assert.Contains(t, reference.Codes, found.Code)
			}
		}
	}
}
