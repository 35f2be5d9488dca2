package amisharetest

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// pendingCopy is a copy of an AMI that is under way.
type pendingCopy struct {
	region, image string
	snapshots     []string
	since, until  time.Time
	refused       error // why it will fail
}

// completeCopies brings the copies that are under way up to now. They end as available
// AMIs, or as failed ones.
func (s *Server) completeCopies(now time.Time) {
	s.pending = slices.DeleteFunc(s.pending, func(p *pendingCopy) bool {
		done := !now.Before(p.until)
		here := s.region(p.region)
		if done && p.refused != nil {
			p.fail(here)
			return true
		}
		for _, id := range p.snapshots {
			snap, ok := here.snapshots[id]
			switch {
			case !ok:
			case done:
				snap.State, snap.Progress, snap.CompletionTime = types.SnapshotStateCompleted, aws.String("100%"), aws.Time(p.until)
			default:
				snap.Progress = aws.String(strconv.Itoa(int(100*now.Sub(p.since)/p.until.Sub(p.since))) + "%")
			}
		}
		if img, ok := here.images[p.image]; ok && done && img.State == types.ImageStatePending {
			img.State = types.ImageStateAvailable
		}
		return done
	})
}
