package hyperpodtest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// events are a cluster's events, oldest first.
func events(t *testing.T, api hyperpodtest.API, edits ...func(*sagemaker.ListClusterEventsInput)) []types.ClusterEventSummary {
	t.Helper()
	in := &sagemaker.ListClusterEventsInput{ClusterName: aws.String("train"), SortOrder: types.SortOrderAscending, MaxResults: aws.Int32(100)}
	for _, edit := range edits {
		edit(in)
	}
	var all []types.ClusterEventSummary
	pages := sagemaker.NewListClusterEventsPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		all = append(all, page.Events...)
	}
	return all
}

// catalogue are the texts that the service emits, as expressions, and how their
// placeholders are written.
func catalogue(t *testing.T) []*regexp.Regexp {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "cluster-events.json"))
	require.NoError(t, err)
	var file struct {
		Events []struct{ Description string }
	}
	require.NoError(t, json.Unmarshal(body, &file))
	placeholder := regexp.MustCompile(`<[a-z0-9-]+>`)
	var all []*regexp.Regexp
	for _, e := range file.Events {
		var b strings.Builder
		rest := e.Description
		for {
			at := placeholder.FindStringIndex(rest)
			if at == nil {
				break
			}
			b.WriteString(regexp.QuoteMeta(rest[:at[0]]) + ".*")
			rest = rest[at[1]:]
		}
		all = append(all, regexp.MustCompile("^"+b.String()+regexp.QuoteMeta(rest)+"$"))
	}
	return all
}

// assumed are texts that the catalogue lacks: the service is known to write events
// about minimum counts, but not how.
var assumed = regexp.MustCompile(`[Mm]inimum instance count`)

// A story in which everything happens that has an event.
func TestEventsAreTheServicesOwnTexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		create(t, srv, createInput(group("workers", 4, func(g *types.ClusterInstanceGroupSpecification) { g.MinInstanceCount = aws.Int32(2) }), group("login", 1)))
		after(time.Hour)
		scale(t, srv, "login", 2)
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 7)
		after(time.Hour)
		scale(t, srv, "login", 4)
		after(20 * time.Minute)
		scale(t, srv, "login", 3)
		after(time.Hour)
		srv.SetDisruptionBudget("train", "workers", 1)
		require.NoError(t, roll(t, srv, newer, rolling(1, 60, "loss"), "workers"))
		after(6 * time.Hour)
		srv.FailLifecycle(broken, "")
		require.NoError(t, roll(t, srv, broken, rolling(4, 0, "loss"), "workers"))
		after(6 * time.Hour)
		require.NoError(t, roll(t, srv, newer, rolling(2, 600, "loss"), "workers"))
		after(27 * time.Minute)
		srv.SetAlarm("loss", true)
		after(6 * time.Hour)
		n := nodes(t, srv)[0]
		_, err := srv.BatchRebootClusterNodes(t.Context(), &sagemaker.BatchRebootClusterNodesInput{ClusterName: aws.String("train"), NodeIds: []string{*n.InstanceId}})
		require.NoError(t, err)
		require.NoError(t, update(t, srv, &sagemaker.UpdateClusterInput{InstanceGroupsToDelete: []string{"login"}}))
		after(time.Hour)

		all, known := events(t, srv), catalogue(t)
		assert.Greater(t, len(all), 60)
		seen := map[string]bool{}
		for _, e := range all {
			ok := assumed.MatchString(*e.Description)
			for _, re := range known {
				if re.MatchString(*e.Description) {
					ok = true
					seen[re.String()] = true
				}
			}
			assert.True(t, ok, "no text of the service: %s", *e.Description)
			assert.Regexp(t, `^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$`, *e.EventId)
		}
		assert.GreaterOrEqual(t, len(seen), 28, "kinds of event in the story")
	})
}

func rolling(batch, wait int32, alarms ...string) *types.DeploymentConfiguration {
	config := &types.DeploymentConfiguration{
		RollingUpdatePolicy: &types.RollingDeploymentPolicy{MaximumBatchSize: &types.CapacitySizeConfig{
			Type: types.NodeUnavailabilityTypeInstanceCount, Value: aws.Int32(batch),
		}},
		WaitIntervalInSeconds: aws.Int32(wait),
	}
	for _, name := range alarms {
		config.AutoRollbackConfiguration = append(config.AutoRollbackConfiguration, types.AlarmDetails{AlarmName: aws.String(name)})
	}
	return config
}

func TestEventFiltersAndOrder(t *testing.T) {
	doors(t, func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API) {
		create(t, srv, createInput(group("workers", 2), group("login", 1)))
		describe(t, srv)
		all := events(t, api)
		newest, err := api.ListClusterEvents(t.Context(), &sagemaker.ListClusterEventsInput{ClusterName: aws.String("train"), MaxResults: aws.Int32(1)})
		require.NoError(t, err)
		assert.Equal(t, all[len(all)-1].EventId, newest.Events[0].EventId, "the newest come first")
		for _, e := range events(t, api, func(in *sagemaker.ListClusterEventsInput) { in.InstanceGroupName = aws.String("login") }) {
			assert.Equal(t, "login", *e.InstanceGroupName)
		}
		for _, e := range events(t, api, func(in *sagemaker.ListClusterEventsInput) { in.ResourceType = types.ClusterEventResourceTypeCluster }) {
			assert.Equal(t, types.ClusterEventResourceTypeCluster, e.ResourceType)
		}
		id := nodes(t, srv)[0].InstanceId
		of := events(t, api, func(in *sagemaker.ListClusterEventsInput) { in.NodeId = id })
		require.NotEmpty(t, of)
		for _, e := range of {
			assert.Equal(t, id, e.InstanceId)
		}
		assert.Empty(t, events(t, api, func(in *sagemaker.ListClusterEventsInput) { in.EventTimeAfter = aws.Time(srv.Now().Add(time.Hour)) }))
	})
}

// The failure message is in the detail only, inside a nested union.
func TestEventDetail(t *testing.T) {
	doors(t, func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API) {
		srv.FailLifecycle(golden, "exit status 9")
		create(t, srv, createInput(group("workers", 1)))
		describe(t, srv)
		failures := 0
		for _, e := range events(t, api) {
			out, err := api.DescribeClusterEvent(t.Context(), &sagemaker.DescribeClusterEventInput{ClusterName: aws.String("train"), EventId: e.EventId})
			require.NoError(t, err)
			assert.Equal(t, e.Description, out.EventDetails.Description)
			switch m := out.EventDetails.EventDetails.EventMetadata.(type) {
			case *types.EventMetadataMemberInstance:
				if e.EventLevel == types.ClusterEventLevelError {
					failures++
					assert.Equal(t, "exit status 9", *m.Value.FailureMessage)
				}
			case *types.EventMetadataMemberInstanceGroup:
				assert.Equal(t, golden, *m.Value.AmiOverride)
			}
		}
		assert.Equal(t, 2, failures, "one fault makes two events")
		_, err := api.DescribeClusterEvent(t.Context(), &sagemaker.DescribeClusterEventInput{ClusterName: aws.String("train"), EventId: aws.String("00000000-0000-0000-0000-000000000000")})
		assert.Equal(t, "ResourceNotFound", code(t, err))
	})
}

func TestEventsAreForContinuousClusters(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, wholeInput(group("workers", 1)))
	_, err := srv.ListClusterEvents(t.Context(), &sagemaker.ListClusterEventsInput{ClusterName: aws.String("train")})
	assert.Equal(t, "ValidationException", code(t, err))
}

func TestTheNewestFiveHundredEventsAreKept(t *testing.T) {
	srv := hyperpodtest.NewServer()
	create(t, srv, createInput(group("workers", 0)))
	for range 30 {
		scale(t, srv, "workers", 10)
		scale(t, srv, "workers", 0)
	}
	describe(t, srv)
	all := events(t, srv)
	assert.Len(t, all, 500)
	assert.Contains(t, *all[499].Description, "Instance Delete")
}
