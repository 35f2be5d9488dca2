package hyperpod

import (
	"context"
	"errors"
	"fmt"
)

// ImageInUse returns what still needs an AMI, a line for each instance group whose
// current or desired image it is, such as "cluster train (us-west-2), instance group
// workers: current image". Nothing means that no group of the inventory's clusters
// needs it. It satisfies amishare.InUse.
//
// It is an error when that cannot be told in full: there are no sources, a cluster could
// not be read, or the service does not name a group's image, as on clusters that are not
// Continuous. Uses that were found are returned together with such an error. An AMI that
// a group would go back to is not a use, once the group is off it.
func (inv *Inventory) ImageInUse(ctx context.Context, imageID string) ([]string, error) {
	if imageID == "" || imageID == defaultImage {
		return nil, fmt.Errorf("inventory: %q is no AMI id", imageID)
	}
	if len(inv.sources) == 0 {
		return nil, errors.New("inventory: no sources: give NewInventory those whose clusters may use the image")
	}
	var uses []string
	var errs []error
	for c, err := range inv.Clusters(ctx) {
		if err != nil {
			errs = append(errs, err)
		}
		for _, g := range c.Groups {
			where := fmt.Sprintf("cluster %s (%s), instance group %s", c.Name, c.Region, g.Name)
			switch {
			case g.Restricted:
			case g.Current.ID == imageID:
				uses = append(uses, where+": current image")
			case g.Desired.ID == imageID:
				uses = append(uses, where+": desired image")
			case g.Current == ImageVersion{} && g.Desired == ImageVersion{}:
				errs = append(errs, fmt.Errorf("inventory: %s: the service does not name its image", where))
			}
		}
	}
	return uses, errors.Join(errs...)
}
