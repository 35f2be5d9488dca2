package query_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest/internal/query"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// The SDK ships, for each operation, the request that its own serialiser makes of an
// input in which every member is set. Each is read, and the SDK's client writes what was
// read byte for byte as it stood.
func TestRequestSnapshots(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/ec2").Output()
	require.NoError(t, err)
	dir := filepath.Join(strings.TrimSpace(string(out)), "request_snapshot")
	for _, action := range operations {
		t.Run(action, func(t *testing.T) {
			snapshot, err := os.ReadFile(filepath.Join(dir, action+".request.snap"))
			require.NoError(t, err)
			_, body, found := strings.Cut(string(snapshot), "\n\nAction=")
			require.True(t, found)
			body = "Action=" + body
			form, err := url.ParseQuery(body)
			require.NoError(t, err)

			var again string
			client := ec2.New(ec2.Options{
				Region: "us-west-2", Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1,
				HTTPClient: emul.Transport{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					sent, err := io.ReadAll(r.Body)
					assert.NoError(t, err)
					again = string(sent)
				})},
			})
			call := reflect.ValueOf(client).MethodByName(action)
			in := reflect.New(call.Type().In(1).Elem())
			require.NoError(t, query.Decode(form, in.Interface()))
			call.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
			assert.Equal(t, body, again)
		})
	}
}
