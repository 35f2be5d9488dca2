package rollout

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The checksum is that of sha256sum over the entry as it stands in the file.
func TestSealEntry(t *testing.T) {
	data, err := sealEntry(Entry{Runner: "one"}, 3)
	require.NoError(t, err)
	assert.Equal(t, `{"sha256":"14f77f96cb2fa855a5d68edce0e87f518ffa0569b52aa00b29baddd0f8567a67","entry":{"number":3,"time":"0001-01-01T00:00:00Z","runner":"one"}}`+"\n", string(data)) //nolint:testifylint // the checksum is of the bytes
}

// What is accepted is what was written: it can be written again and says the same.
func FuzzUnsealEntry(f *testing.F) {
	for number := uint64(4); number <= 7; number++ {
		data, err := sealEntry(numbered(number), number)
		require.NoError(f, err)
		f.Add(data, number)
		f.Add(data[:len(data)/2], number)
	}
	// The fuzzer will not find a checksum, so that the entry alone is sealed here too.
	f.Add([]byte(`{"number":1,"time":"2026-03-29T01:30:00+02:00"}`), uint64(1))
	f.Fuzz(func(t *testing.T, data []byte, number uint64) {
		for _, file := range [][]byte{data, []byte(`{"sha256":"` + checksum(data) + `","entry":` + string(data) + `}`)} {
			e, err := unsealEntry(file, number)
			if err != nil {
				continue
			}
			assert.Equal(t, number, e.Number)
			again, err := sealEntry(e, number)
			require.NoError(t, err)
			same, err := unsealEntry(again, number)
			require.NoError(t, err)
			twice, err := sealEntry(same, number)
			require.NoError(t, err)
			assert.Equal(t, string(again), string(twice))
		}
	})
}
