package hyperpod

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	allAtOnceText  = "all at once"
	allGroupsText  = "all"
	releaseText    = "release "
	amiText        = "ami-"
	nodeText       = " node"
	nodesText      = " nodes"
	percentageText = "%"
)

// MarshalText encodes the image as an AMI id, "default", "release" with the version, or
// nothing for the zero value. What is none of them is an error.
func (i Image) MarshalText() ([]byte, error) {
	if _, err := parseImage(i.String()); err != nil {
		return nil, err
	}
	return []byte(i.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (i *Image) UnmarshalText(text []byte) (err error) {
	*i, err = parseImage(string(text))
	return err
}

func parseImage(s string) (Image, error) {
	version, released := strings.CutPrefix(s, releaseText)
	switch {
	case s == "":
		return Image{}, nil
	case released && version != "":
		return Release(version), nil
	case s == defaultImage, strings.HasPrefix(s, amiText):
		return AMI(s), nil
	default:
		return Image{}, fmt.Errorf("%q is no image: use an AMI id, %q, or %q with a version", s, defaultImage, strings.TrimSpace(releaseText))
	}
}

// MarshalText encodes the batch as its words; see [Batch.String].
func (b Batch) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (b *Batch) UnmarshalText(text []byte) (err error) {
	*b, err = parseBatch(string(text))
	return err
}

func parseBatch(s string) (Batch, error) {
	var number string
	of := Nodes
	switch {
	case s == "":
		return Batch{}, nil
	case s == allAtOnceText:
		return AllAtOnce, nil
	case strings.HasSuffix(s, percentageText):
		number, of = strings.TrimSuffix(s, percentageText), Percent
	case strings.HasSuffix(s, nodesText):
		number = strings.TrimSuffix(s, nodesText)
	case strings.HasSuffix(s, nodeText):
		number = strings.TrimSuffix(s, nodeText)
	}
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return Batch{}, fmt.Errorf("%q is no batch: use such as %q, %q or %q", s, Nodes(2), Percent(25), AllAtOnce)
	}
	return of(int32(n)), nil
}

// String returns "all", the names as a JSON list, or nothing for the zero value.
func (g GroupSelection) String() string {
	switch {
	case g.all:
		return allGroupsText
	case len(g.names) == 0:
		return ""
	default:
		list, err := json.Marshal(g.names)
		if err != nil {
			return "" // strings can always be written
		}
		return string(list)
	}
}

// MarshalText encodes the selection as its words; see [GroupSelection.String].
func (g GroupSelection) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (g *GroupSelection) UnmarshalText(text []byte) error {
	switch s := string(text); s {
	case "":
		*g = GroupSelection{}
		return nil
	case allGroupsText:
		*g = AllGroups
		return nil
	default:
		var names []string
		decoder := json.NewDecoder(bytes.NewReader(text))
		if err := decoder.Decode(&names); err != nil {
			return fmt.Errorf("%q selects no groups: use %q or a JSON list of names: %w", s, allGroupsText, err)
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return fmt.Errorf("%q selects no groups: there is more after the list", s)
		}
		*g = Named(names...)
		return nil
	}
}

// MarshalJSON encodes the selection as "all", a list of names, or null for the zero value.
func (g GroupSelection) MarshalJSON() ([]byte, error) {
	if g.all {
		return json.Marshal(allGroupsText)
	}
	return json.Marshal(g.names)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (g *GroupSelection) UnmarshalJSON(text []byte) error {
	var word string
	if err := json.Unmarshal(text, &word); err == nil && word == allGroupsText {
		*g = AllGroups
		return nil
	}
	var names []string
	if err := json.Unmarshal(text, &names); err != nil {
		return fmt.Errorf("groups are %q or a list of names: %w", allGroupsText, err)
	}
	*g = Named(names...)
	return nil
}
