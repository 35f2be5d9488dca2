package hyperpodtest

import (
	"context"
	"slices"
	"strings"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// grant is the service's own access to an AMI, where it was given to it: with the
// rights of an account, in a Region.
type grant struct {
	emul.Identity
	image string
}

// regional is an AMI id where it means an AMI.
type regional struct{ region, image string }

// lacksGrant tells whether a node cannot start for want of the service's grant: as the
// request found it that asked for the node, and as it is now when none did.
func (s *Server) lacksGrant(n *node) bool {
	g := grant{n.group.cluster.own.id, n.image}
	if n.byItself {
		return s.watchedGrants[g]
	}
	return s.lostGrants[g]
}

// regained forgets that a grant was lost: it has been given anew.
func (s *Server) regained(g grant) {
	delete(s.lostGrants, g)
	delete(s.watchedGrants, g)
}

// checkGrants looks at AMIs that a request is about to start nodes from without their
// being shared anew.
func (s *Server) checkGrants(ctx context.Context, used []grant) { s.look(ctx, used, s.lostGrants) }

// watchGrants looks when anything has come due: it may be the replacement of a node by
// the service itself, in any group.
func (s *Server) watchGrants(ctx context.Context) { s.look(ctx, s.usedGrants(), s.watchedGrants) }

// look asks, as the service, for AMIs and notes those that it can no longer see. An
// error that is neither a refusal nor an absence tells nothing of a grant.
func (s *Server) look(ctx context.Context, used []grant, lost map[grant]bool) {
	for _, g := range used {
		if !s.options.RequireGrant || s.options.Images == nil || g.image == defaultImage {
			continue
		}
		_, _, _, _, _, err := s.options.Images.DescribeImage(ctx, s.options.ServiceAccount, g.Region, g.image)
		gone := awserr.IsNotFound(err) || awserr.IsAccessDenied(err)
		if err == nil || gone {
			s.note(func() { lost[g] = gone })
		}
	}
}

// launched are the grants that a request's nodes need.
func launched(who emul.Identity, images []string) []grant {
	used := make([]grant, 0, len(images))
	for _, image := range images {
		used = append(used, grant{who, image})
	}
	slices.SortFunc(used, func(a, b grant) int { return strings.Compare(a.image, b.image) })
	return slices.Compact(used)
}

// usedGrants are those that the nodes of what is due by now can need.
func (s *Server) usedGrants() []grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.options.RequireGrant || !s.timeline.pending(s.clock.Now()) {
		return nil
	}
	var used []grant
	for _, own := range s.known {
		for _, c := range own.clusters {
			for _, g := range c.groups {
				images := []string{g.desiredImage}
				if g.update != nil {
					images = append(images, g.update.image, g.update.formerImage)
				}
				for _, image := range images {
					if u := (grant{own.id, image}); !slices.Contains(used, u) {
						used = append(used, u)
					}
				}
			}
		}
	}
	return used
}

// note changes what is known of the world, and nothing that is due.
func (s *Server) note(edit func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit()
}

// noContext is for what the service does by itself: no caller could cancel it.
func noContext() context.Context {
	return context.Background() //nolint:forbidigo // there is no caller
}
