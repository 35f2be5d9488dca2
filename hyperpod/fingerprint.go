package hyperpod

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// clusterItself is the name under which a plan keeps what it saw of the cluster's own
// members. No group can have it: blanks are not allowed.
const clusterItself = "the cluster itself"

// fingerprints tell what a plan saw of all that it changes, by group. They are made when
// a plan is saved or applied, for few are.
func (p *Plan) fingerprints() (map[string]string, error) {
	if p.draft == nil {
		return p.saw, nil
	}
	saw := map[string]string{}
	for _, c := range p.changes {
		var err error
		switch c.Kind {
		case ClusterChanged:
			have := settingsFrom(p.draft.live)
			have.NodeProvisioningMode = p.draft.live.NodeProvisioningMode
			saw[clusterItself], err = hash(&have)
		case GroupChanged, GroupAdded, GroupDeleted:
			saw[c.Group], err = p.draft.find(c.Group).fingerprint(p.draft)
		case TagsChanged: // set to what is wanted, whatever was there
		}
		if err != nil {
			return nil, err
		}
	}
	return saw, nil
}

// fingerprint is a hash of what the service says a group is to be; empty for a group
// that it does not have. What is deleted need not be rebuilt, and is looked at as far
// as it can be.
func (g *draftGroup) fingerprint(d *draft) (string, error) {
	seen := *g
	if g.deleted && seen.rebuild(d) != nil {
		return "exists", nil //nolint:nilerr // why it cannot be rebuilt does not matter
	}
	switch {
	case seen.beforeRestricted != nil:
		return hash(seen.beforeRestricted)
	case seen.before != nil:
		return hash(seen.before)
	default:
		return "", nil
	}
}

func hash(v smithy.Serializable) (string, error) {
	body, err := smwire.Encode(v)
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), err
}
