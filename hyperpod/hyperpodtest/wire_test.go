package hyperpodtest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// Every answer says when it was given, by the emulated clock: clients judge by it what
// came before what.
func TestAnswersAreDated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Speed = 60 })
		srv.Faults().Delay("DescribeCluster", time.Second)
		for _, operation := range []string{"DescribeCluster", "CreateHyperCluster"} {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"ClusterName":"c"}`))
			r.Header.Set("X-Amz-Target", "SageMaker."+operation)
			srv.ServeHTTP(w, r)
			date, err := http.ParseTime(w.Header().Get("Date"))
			require.NoError(t, err, operation)
			assert.WithinDuration(t, srv.Now(), date, time.Second, operation)
		}
	})
}
