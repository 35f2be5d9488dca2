package smmodel

// class is a set of ASCII characters, as a pattern writes it between brackets.
// A member is 1, anything else 0, so that several are looked at in one step.
type class [256]uint8

// of makes a class of characters and of ranges such as "a-z". A hyphen that stands
// first or last is itself.
func of(set string) *class {
	c := new(class)
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			for b := set[i]; b <= set[i+2]; b++ {
				c[b] = 1
			}
			i += 2
			continue
		}
		c[set[i]] = 1
	}
	return c
}

// has tells whether a character is of the class.
func (c *class) has(b byte) bool { return c[b] == 1 }

// every tells whether text has no other characters than the class's.
func (c *class) every(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if c[s[0]]&c[s[1]]&c[s[2]]&c[s[3]]&c[s[4]]&c[s[5]]&c[s[6]]&c[s[7]] == 0 {
			return false
		}
	}
	for i := range len(s) {
		if !c.has(s[i]) {
			return false
		}
	}
	return true
}

// some is every for text that must not be empty.
func (c *class) some(s string) bool { return s != "" && c.every(s) }

// exactly is every for text of a length.
func (c *class) exactly(n int, s string) bool { return len(s) == n && c.every(s) }

var (
	digits        = of("0-9")
	lowers        = of("a-z")
	hexes         = of("0-9a-f")
	alnums        = of("a-zA-Z0-9")
	hyphens       = of("a-zA-Z0-9-")
	words         = of("a-zA-Z0-9_-")
	dotted        = of("a-zA-Z0-9_.-")
	dnsLabel      = of("a-z0-9-")
	roleName      = of("a-zA-Z0-9_+=,.@/-")
	path          = of("a-zA-Z0-9._/-")
	anyHex        = of("0-9a-fA-F")
	partitionText = of("a-z-")
	lowerAlnums   = of("a-z0-9")
)
