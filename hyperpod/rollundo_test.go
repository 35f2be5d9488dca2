package hyperpod_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// An undo that meets trouble is told beside the cause, group by group.
func TestUndoThatFailsItself(t *testing.T) {
	for name, tt := range map[string]struct {
		trouble  func(t *testing.T, srv *hyperpodtest.Server) error // at the request of the undo
		outcomes []string
		says     string
		detail   string
		check    func(t *testing.T, report *hyperpod.Report)
	}{
		"the former image fails now": {
			trouble: func(_ *testing.T, srv *hyperpodtest.Server) error {
				srv.MendLifecycle(newAMI)
				srv.FailLifecycle(goldenAMI, "exit status 9")
				return nil
			},
			outcomes: []string{"first on the image", "second rolled back"}, says: "exit status 9", detail: "not taken back: rolled back: ",
		},
		"it is refused": {
			trouble:  func(*testing.T, *hyperpodtest.Server) error { return validation("no such thing") },
			outcomes: []string{"first on the image", "second rolled back"}, says: "no such thing", detail: "not taken back: ",
		},
		"its answer is lost and nothing shows": {
			trouble:  func(*testing.T, *hyperpodtest.Server) error { return io.ErrUnexpectedEOF },
			outcomes: []string{"first on the image", "second rolled back"}, says: "it was not accepted", detail: "not taken back: ",
		},
		"the group is another's by now": {
			outcomes: []string{"first on the image", "second rolled back"}, says: "somebody has it run ami-0aaaaaaaaaaaaaaaa by now", detail: "not taken back: somebody",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				spec := threeGroups()
				spec.Groups = spec.Groups[:2]
				srv, c := madeBy(t, spec, hyperpodtest.Realistic)
				requests := 0
				srv.Faults().Before(func(_ context.Context, op string, _ any) error {
					if op != updateSoftware {
						return nil
					}
					switch requests++; {
					case requests == 2:
						srv.FailLifecycle(newAMI, "exit status 7")
					case requests == 3 && tt.trouble != nil:
						return tt.trouble(t, srv)
					}
					return nil
				})
				roll := rollAll(hyperpod.AMI(newAMI))
				roll.OneByOne = true
				report, err := c.With(func(o *hyperpod.Options) {
					o.OnEvent = func(ctx context.Context, e hyperpod.Event) {
						if e.Kind != hyperpod.EventUndo || tt.trouble != nil {
							return
						}
						requests = 10
						_, err := srv.UpdateClusterSoftware(ctx, &sagemaker.UpdateClusterSoftwareInput{
							ClusterName: aws.String("example-cluster"), ImageId: aws.String("ami-0aaaaaaaaaaaaaaaa"),
							InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("first")}},
						})
						require.NoError(t, err)
						time.Sleep(time.Hour)
					}
				}).RollImage(t.Context(), roll)
				require.ErrorIs(t, err, waiter.ErrRolledBack, "the cause")
				require.ErrorIs(t, err, hyperpod.ErrNotTakenBack)
				require.ErrorContains(t, err, "exit status 7")
				require.ErrorContains(t, err, tt.says)
				assert.Equal(t, tt.outcomes, outcomes(report))
				assert.Contains(t, report.Groups[0].Detail, tt.detail)
				assert.False(t, report.Unfinished)
				assert.Equal(t, err, report.Err)
			})
		})
	}
}

// What has no way back is left where it came, and the error says so.
func TestUndoOfWhatHasNoWayBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := threeGroups()
		spec.Orchestrator = hyperpod.Slurm()
		srv, c := madeBy(t, spec, hyperpodtest.Realistic)
		atRequest(srv, 2, func() error { return validation("no such thing") })
		roll := rollAll(hyperpod.DefaultImage)
		roll.OneByOne = true
		report, err := c.RollImage(t.Context(), roll)
		require.ErrorContains(t, err, "no such thing")
		require.ErrorIs(t, err, hyperpod.ErrNotTakenBack)
		require.ErrorContains(t, err, `InstanceGroupName "first": on Slurm the service does not move a group`)
		assert.Equal(t, []string{"first on the image", "second not reached", "third not reached"}, outcomes(report))
		assert.Contains(t, report.Groups[0].Detail, "not taken back: on Slurm")
		assert.Len(t, report.Findings, 3, "it was said before the first call")
		assert.Len(t, report.Calls, 1)
	})
}

// The undo waits until the cluster is free, and has a time of its own for it.
func TestUndoWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := threeGroups()
		srv, c := madeBy(t, spec, hyperpodtest.Realistic)
		atRequest(srv, 2, func() error { srv.FailLifecycle(newAMI, "exit status 7"); return nil })
		roll := rollAll(hyperpod.AMI(newAMI))
		roll.OneByOne = true
		report, err := c.With(func(o *hyperpod.Options) {
			o.Poll.Timeout = 3 * time.Hour
			o.OnEvent = func(ctx context.Context, e hyperpod.Event) {
				if e.Kind != hyperpod.EventUndo {
					return
				}
				_, err := srv.UpdateClusterSoftware(ctx, &sagemaker.UpdateClusterSoftwareInput{
					ClusterName: aws.String("example-cluster"), ImageId: aws.String("ami-0aaaaaaaaaaaaaaaa"),
					InstanceGroups: []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String("third")}},
				})
				require.NoError(t, err)
			}
		}).RollImage(t.Context(), roll)
		require.NotErrorIs(t, err, hyperpod.ErrNotTakenBack, "%v", err)
		assert.Equal(t, []string{"first taken back", "second rolled back", "third not reached"}, outcomes(report))
		assert.Len(t, sent[sagemaker.UpdateClusterSoftwareInput](srv), 4, "two of the roll, the other's, and the undo once it can be accepted")
	})
}

// It waits for the group too, where the cluster does not say that it is at work.
func TestUndoWaitsForItsGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := madeBy(t, threeGroups(), hyperpodtest.Realistic)
		atRequest(srv, 2, func() error { return validation("no such thing") })
		plain, looks := srv.Client(), -1
		api := scripted{API: plain, describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
			out, err := plain.DescribeCluster(ctx, in)
			if err == nil && looks >= 0 {
				if looks++; looks < 4 {
					out.InstanceGroups[0].SoftwareUpdateStatus = types.SoftwareUpdateStatusInProgress
					assert.Len(t, sent[sagemaker.UpdateClusterSoftwareInput](srv), 2, "nothing is sent before its turn")
				}
			}
			return out, err
		}}
		roll := rollAll(hyperpod.AMI(newAMI))
		roll.OneByOne = true
		report, err := hyperpod.New(api, func(o *hyperpod.Options) {
			o.OnEvent = func(_ context.Context, e hyperpod.Event) {
				if e.Kind == hyperpod.EventUndo {
					looks = 0
				}
			}
		}).Cluster(c.Name()).RollImage(t.Context(), roll)
		require.NotErrorIs(t, err, hyperpod.ErrNotTakenBack, "%v", err)
		assert.Greater(t, looks, 4)
		assert.Equal(t, hyperpod.OutcomeTakenBack, report.Groups[0].Outcome)
	})
}

// A cluster that has failed for good is not waited for.
func TestUndoOnAFailedCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := madeBy(t, threeGroups(), hyperpodtest.Realistic)
		plain, requests := srv.Client(), 0
		srv.Faults().Before(func(_ context.Context, op string, _ any) error {
			if op != updateSoftware {
				return nil
			}
			switch requests++; {
			case requests == 2:
				return validation("no such thing")
			case requests > 2:
				return &types.ConflictException{Message: aws.String("the cluster is Failed")}
			}
			return nil
		})
		api := scripted{API: plain, describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
			out, err := plain.DescribeCluster(ctx, in)
			if err == nil && requests >= 2 {
				out.ClusterStatus = types.ClusterStatusFailed
			}
			return out, err
		}}
		roll := rollAll(hyperpod.AMI(newAMI))
		roll.OneByOne = true
		report, err := hyperpod.New(api).Cluster(c.Name()).RollImage(t.Context(), roll)
		require.ErrorIs(t, err, hyperpod.ErrNotTakenBack)
		require.ErrorContains(t, err, "the cluster is Failed")
		assert.Equal(t, 3, requests)
		assert.Less(t, report.Ended.Sub(report.Began), time.Hour)
	})
}

// A public AMI of HyperPod may be described as default. That is not somebody else's image.
func TestUndoOfAPublicAMI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := madeBy(t, threeGroups(), hyperpodtest.Realistic)
		atRequest(srv, 2, func() error { return validation("no such thing") })
		plain := srv.Client()
		api := scripted{API: plain, describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
			out, err := plain.DescribeCluster(ctx, in)
			if err == nil {
				for i := range out.InstanceGroups {
					for _, id := range []**string{&out.InstanceGroups[i].CurrentImageId, &out.InstanceGroups[i].DesiredImageId} {
						if aws.ToString(*id) == newAMI {
							*id = aws.String("default")
						}
					}
				}
			}
			return out, err
		}}
		roll := rollAll(hyperpod.AMI(newAMI))
		roll.OneByOne = true
		report, err := hyperpod.New(api).Cluster(c.Name()).RollImage(t.Context(), roll)
		require.NotErrorIs(t, err, hyperpod.ErrNotTakenBack, "%v", err)
		assert.Equal(t, []string{"first taken back", "second not reached", "third not reached"}, outcomes(report))
	})
}
