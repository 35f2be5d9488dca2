package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// account serves a stage on the loopback interface, where AWS_ENDPOINT_URL points.
func account(t *testing.T) *stage {
	t.Helper()
	st, err := seed(t.Context())
	require.NoError(t, err)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			st.clusters.ServeHTTP(w, r)
		} else {
			st.images.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	nowhere := filepath.Join(t.TempDir(), "none")
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": srv.URL, "AWS_REGION": region, "AWS_DEFAULT_REGION": "",
		"AWS_ACCESS_KEY_ID": "111122223333", "AWS_SECRET_ACCESS_KEY": "emulated", "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere,
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(key, value)
	}
	return st
}

func TestLive(t *testing.T) {
	st := account(t)
	for _, test := range []struct{ args, says string }{
		{"describe train --live", "workers  InService  4 of 4 "},
		{"images --live --wanted " + next, "older custom"},
		{"images --live --region us-east-1", "ACCOUNT"},
		{"share --live --accounts 444455556666 --yes " + next, "grant 444455556666  made"},
		{"share --live --accounts 444455556666 " + next, "nothing to change"}, // it lasts
		{"apply --live train --yes " + planned(t), "workers  in service  6 of 6 "},
		{"describe train --live", "workers  InService  6 of 6 "},
		{"__complete describe --live", "train\nresearch\n"},
	} {
		args := words(test.args)
		if args[0] == "__complete" {
			args = append(args, "")
		}
		r := hpk(t, args...)
		assert.Zero(t, r.status, r.errs)
		assert.Contains(t, r.out, test.says, test.args)
		assert.Nil(t, r.stage, "with --live nothing is emulated")
	}
	assert.Equal(t, []string{"ModifySnapshotAttribute", "ModifyImageAttribute", "UpdateCluster"}, st.changes())
	regions := map[string]bool{}
	for _, call := range st.clusters.Calls() {
		regions[call.Region] = true
	}
	assert.Equal(t, map[string]bool{region: true, "us-east-1": true}, regions)
}

func TestLiveCannotBegin(t *testing.T) {
	for name, test := range map[string]struct {
		args, region, says string
	}{
		"no Region":      {"images --live", "", "no Region is configured: use --region"},
		"broken profile": {"images --live --profile unknown", region, "load the SDK's configuration: "},
	} {
		t.Run(name, func(t *testing.T) {
			st := account(t)
			before := len(st.clusters.Calls())
			t.Setenv("AWS_REGION", test.region)
			r := hpk(t, words(test.args)...)
			assert.Equal(t, 2, r.status)
			assert.Contains(t, r.errs, test.says)
			assert.Len(t, st.clusters.Calls(), before)
		})
	}
}
