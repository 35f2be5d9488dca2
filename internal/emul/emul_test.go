package emul

import (
	"context"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClockRunsAtItsSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain, fast := NewClock(0), NewClock(60)
		start := plain.Now()
		time.Sleep(time.Minute)
		assert.Equal(t, time.Minute, plain.Now().Sub(start))
		assert.Equal(t, time.Hour, fast.Now().Sub(start))
		assert.Equal(t, time.UTC, fast.Now().Location())
	})
}

// Far too fast a clock stops where durations end, instead of running backwards.
func TestClockOfAnySpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fastest, none := NewClock(1e300), NewClock(math.NaN())
		start := time.Now()
		time.Sleep(time.Minute)
		assert.True(t, fastest.Now().After(start.AddDate(290, 0, 0)))
		assert.Equal(t, time.Minute, none.Now().Sub(start))
		require.NoError(t, fastest.Sleep(t.Context(), time.Hour))
		require.NoError(t, NewClock(1e-300).Sleep(t.Context(), time.Nanosecond))
	})
}

func TestLogForgetsTheOldest(t *testing.T) {
	log := NewLog[int](3)
	for i := range 10 {
		log.Add(i)
		assert.LessOrEqual(t, len(log.All()), 3)
	}
	assert.Equal(t, []int{7, 8, 9}, log.All())

	all := NewLog[int](0)
	for i := range 10 {
		all.Add(i)
	}
	got := all.All()
	got[0] = 99
	assert.Equal(t, 0, all.All()[0], "what is handed out is a copy")
	assert.Len(t, all.All(), 10)
}

func TestIdentify(t *testing.T) {
	fallback := Identity{Account: "111122223333", Region: "us-west-2"}
	tests := []struct {
		name, header string
		want         Identity
	}{
		{"unsigned", "", Identity{"111122223333", "ap-south-1"}},
		{"account as access key", "AWS4-HMAC-SHA256 Credential=444455556666/20261101/eu-central-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0", Identity{"444455556666", "eu-central-1"}},
		{"ordinary access key", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261101/eu-central-1/ec2/aws4_request, SignedHeaders=host, Signature=0", Identity{"111122223333", "eu-central-1"}},
		{"nonsense", "Bearer x", Identity{"111122223333", "ap-south-1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.sagemaker.ap-south-1.amazonaws.com/", nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", tt.header)
			assert.Equal(t, tt.want, Identify(r, fallback))
		})
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", nil)
	require.NoError(t, err)
	assert.Equal(t, fallback, Identify(r, fallback), "an endpoint that tells no Region")
}

func TestIDs(t *testing.T) {
	assert.Regexp(t, `^[a-z0-9]{12}$`, ClusterID("a", "b"))
	assert.Equal(t, "969qq8mu12dn", ClusterID("a", "b"), "the same on every run and machine")
	assert.NotEqual(t, ClusterID("a", "b"), ClusterID("ab"))
	assert.Regexp(t, `^[0-9a-f]{17}$`, HexID(17, "a"))
}

func TestPartition(t *testing.T) {
	for region, want := range map[string][2]string{
		"us-west-2": {"aws", "amazonaws.com"}, "cn-north-1": {"aws-cn", "amazonaws.com.cn"},
		"us-gov-west-1": {"aws-us-gov", "amazonaws.com"}, "eusc-de-east-1": {"aws-eusc", "amazonaws.eu"},
		"us-iso-east-1": {"aws-iso", "c2s.ic.gov"}, "us-isob-east-1": {"aws-iso-b", "sc2s.sgov.gov"},
		"eu-isoe-west-1": {"aws-iso-e", "cloud.adc-e.uk"}, "us-isof-south-1": {"aws-iso-f", "csp.hci.ic.gov"},
	} {
		assert.Equal(t, want, [2]string{Partition(region), DNSSuffix(region)}, region)
	}
}

func TestTransport(t *testing.T) {
	served := 0
	transport := Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served++
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Test", "yes")
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK) // too late
		_, _ = w.Write(append([]byte("echo "), body...))
	})}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://nowhere.invalid/", strings.NewReader("hello"))
	require.NoError(t, err)
	res, err := transport.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusTeapot, res.StatusCode)
	assert.Equal(t, "echo hello", string(body))
	assert.Equal(t, "yes", res.Header.Get("X-Test"))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = transport.Do(r.WithContext(ctx)) //nolint:bodyclose // there is no response
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, served, "a request whose context has ended reaches nobody")
}
