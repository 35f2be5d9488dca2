package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// account is an account that is emulated on the loopback interface, where
// AWS_ENDPOINT_URL points.
type account struct {
	images   *amisharetest.Server
	clusters *hyperpodtest.Server
}

func newAccount(t *testing.T) account {
	t.Helper()
	a := account{images: amisharetest.NewServer()}
	stock(a.images)
	a.clusters = hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images = a.images })
	a.clusters.FailLifecycle(emulated.broken, "")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			a.clusters.ServeHTTP(w, r)
		} else {
			a.images.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	nowhere := filepath.Join(t.TempDir(), "none")
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": srv.URL, "AWS_REGION": region,
		"AWS_ACCESS_KEY_ID": "111122223333", "AWS_SECRET_ACCESS_KEY": "emulated", "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere,
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(key, value)
	}
	return a
}

// changes are the operations that changed something, in order.
func (a account) changes() []string {
	var names []string
	for _, call := range a.images.Calls() {
		if call.Operation == "CreateTags" {
			names = append(names, call.Operation)
		}
	}
	for _, call := range a.clusters.Calls() {
		if !strings.HasPrefix(call.Operation, "Describe") && !strings.HasPrefix(call.Operation, "List") {
			names = append(names, call.Operation)
		}
	}
	return names
}

var allChanges = []string{"CreateTags", "CreateCluster", "UpdateCluster", "UpdateClusterSoftware", "UpdateClusterSoftware", "DeleteCluster"}

func TestLive(t *testing.T) {
	a := newAccount(t)
	var out, errs bytes.Buffer
	status := run(t.Context(), liveFlags("-yes", "-failing-image", emulated.broken), console{out: &out, err: &errs})
	assert.Zero(t, status)
	assert.Empty(t, errs.String())
	assert.Equal(t, allChanges, a.changes())
	assertInOrder(
		t, out.String(), "Account 111122223333, Region us-west-2: the cluster train is to be created, changed and deleted.",
		"1. ", "8. ", "Every step ended as it should.",
	)
	assert.NotContains(t, out.String(), "Type yes")
}

func TestLiveAsksBeforeEachChange(t *testing.T) {
	newConsole := func(answers ...string) (console, *bytes.Buffer, *bytes.Buffer) {
		var out, errs bytes.Buffer
		return console{in: strings.NewReader(strings.Join(answers, "\n")), out: &out, err: &errs, interactive: true}, &out, &errs
	}
	args := liveFlags("-failing-image", emulated.broken)
	t.Run("yes to all", func(t *testing.T) {
		a := newAccount(t)
		c, out, errs := newConsole("yes", "yes", "yes", "yes", "yes", "yes")
		assert.Zero(t, run(t.Context(), args, c), errs)
		assert.Equal(t, allChanges, a.changes())
		assert.Equal(t, len(allChanges), strings.Count(out.String(), "? Type yes to go on: "))
	})
	for name, test := range map[string]struct {
		answers []string
		step    string
		left    bool
	}{
		"tag":                       {[]string{"no"}, "step 3, tag", false},
		"create":                    {[]string{"yes", "y"}, "step 4, create", false},
		"the plan":                  {[]string{"yes", "yes", ""}, "step 5, update", true},
		"roll":                      {[]string{"yes", "yes", "yes", "YES"}, "step 6, roll", true},
		"failing roll, by silence":  {[]string{"yes", "yes", "yes", "yes"}, "step 7, failing roll", true},
		"delete, after all changes": {[]string{"yes", "yes", "yes", "yes", "yes", "no"}, "step 8, delete", true},
	} {
		t.Run("no to "+name, func(t *testing.T) {
			a := newAccount(t)
			c, _, errs := newConsole(test.answers...)
			assert.Equal(t, 1, run(t.Context(), args, c))
			assert.Contains(t, errs.String(), test.step+", did not end as it should: not consented to")
			assert.Equal(t, test.left, strings.Contains(errs.String(), "aws sagemaker delete-cluster"))
			yes := 0
			for yes < len(test.answers) && test.answers[yes] == "yes" {
				yes++
			}
			assert.Equal(t, allChanges[:yes], append([]string{}, a.changes()...))
		})
	}
}

func TestLiveCannotBegin(t *testing.T) {
	for name, test := range map[string]struct {
		args   []string
		region string
		want   string
	}{
		"nobody to ask":      {liveFlags(), region, "standard input is no terminal: nothing was done; use -yes"},
		"no Region":          {liveFlags("-yes"), "", "no Region is configured: set AWS_REGION"},
		"another Region":     {liveFlags("-yes"), "us-east-1", `the EKS cluster is in "us-west-2" and the configured Region is "us-east-1"`},
		"no ARN":             {liveFlags("-yes", "-eks-cluster", "example-eks"), region, "flag -eks-cluster: arn: invalid prefix"},
		"broken AWS profile": {liveFlags("-yes"), region, "load the SDK's configuration: "},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			t.Setenv("AWS_REGION", test.region)
			if name == "broken AWS profile" {
				t.Setenv("AWS_PROFILE", "unknown")
			}
			var errs bytes.Buffer
			assert.Equal(t, 2, run(t.Context(), test.args, console{in: strings.NewReader("yes\n"), out: io.Discard, err: &errs}))
			assert.Contains(t, errs.String(), test.want)
			assert.Empty(t, a.clusters.Calls())
			assert.Empty(t, a.images.Calls())
		})
	}
}
