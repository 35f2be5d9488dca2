package amishare

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Lag is how far an AMI's base is behind the newest of its line.
type Lag struct {
	// Image is the AMI's id.
	Image string
	// Base is the HyperPod public AMI that it was made from, or is.
	Base BaseImage
	// Newest is the newest of the base's line, operating system included.
	Newest BaseImage
	// Releases counts the AMIs of the line that are newer than Base and still
	// available, deprecated ones included.
	Releases int
	// Age is how much later Newest was created than Base. Zero when Base is the
	// newest.
	Age time.Duration
}

// String tells the lag in one line.
func (l Lag) String() string {
	if l.Releases == 0 {
		return fmt.Sprintf("%s: base %s is the newest", l.Image, l.Base)
	}
	return fmt.Sprintf("%s: base %s is %s and %s behind %s", l.Image, l.Base, count(l.Releases, "release"), count(int(l.Age.Hours()/24), "day"), l.Newest)
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// BehindBase tells how far the HyperPod public AMI that an AMI was made from is behind
// the newest of its line. The base is found through the AMIs' SourceImageId, two
// generations back.
//
// Each error is an [*ImageError] that unwraps to [ErrImageID], [ErrImageNotFound],
// [ErrNotOwner], [ErrBaseUnknown] when EC2 does not tell the base or shows it no more,
// [ErrNoBase], or what the SDK says.
func BehindBase(ctx context.Context, api API, imageID string) (Lag, error) {
	fail := func(err error) (Lag, error) {
		return Lag{Image: imageID}, &ImageError{Image: imageID, Resource: imageID, Err: service(err)}
	}
	img, err := lookImage(ctx, api, imageID, "self", "amazon")
	if err != nil {
		return Lag{Image: imageID}, err
	}
	images := map[string]types.Image{imageID: img}
	others, err := lookupOthers(ctx, api, nil, images)
	if err != nil {
		return fail(err)
	}
	from := sight{images: images, others: others}.origin(img)
	switch {
	case from.gone != "":
		return fail(fmt.Errorf("%w: it was made from %s, which cannot be seen here", ErrBaseUnknown, from.gone))
	case classify(from.at) != ImagePublic:
		return fail(fmt.Errorf("%w: its sources do not lead to a HyperPod public AMI", ErrBaseUnknown))
	}
	lag, err := behind(ctx, api, from.at)
	if err != nil {
		return fail(err)
	}
	lag.Image = imageID
	return lag, nil
}

func behind(ctx context.Context, api API, base types.Image) (Lag, error) {
	lag := Lag{Base: baseOf(base)}
	all, err := listBases(ctx, api, lag.Base.Line)
	if err != nil {
		return Lag{}, err
	}
	newest, ok := newestCurrent(all)
	if !ok {
		return Lag{}, fmt.Errorf("%w: nothing named %q is available and not deprecated", ErrNoBase, lag.Base.Line.String()+" …")
	}
	lag.Newest = newest
	if older(lag.Base, newest) >= 0 {
		lag.Newest = lag.Base
		return lag, nil
	}
	for _, b := range all {
		if older(lag.Base, b) < 0 && older(b, newest) <= 0 {
			lag.Releases++
		}
	}
	lag.Age = newest.Created.Sub(lag.Base.Created)
	return lag, nil
}
