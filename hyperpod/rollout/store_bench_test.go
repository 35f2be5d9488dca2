package rollout

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Ten thousand entries: go test -run='^$' -bench=Store -benchtime=10000x.
func BenchmarkStoreAppend(b *testing.B) {
	files, err := OpenFileStore(b.TempDir())
	require.NoError(b, err)
	for name, s := range map[string]Store{"files": files, "memory": NewMemStore()} {
		b.Run(name, func(b *testing.B) {
			last := lastNumber(b, s)
			for b.Loop() {
				require.NoError(b, s.Append(b.Context(), numbered(last+1), last))
				last++
			}
		})
	}
}

func BenchmarkFileStoreLoad(b *testing.B) {
	s, err := OpenFileStore(b.TempDir())
	require.NoError(b, err)
	const last = 10_000
	for number := uint64(1); number <= last; number++ {
		data, err := sealEntry(numbered(number), number)
		require.NoError(b, err)
		require.NoError(b, s.write(number, data))
	}
	b.Run("nothing new", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Load(b.Context(), last)
			require.NoError(b, err)
		}
	})
	b.Run("from the start", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Load(b.Context(), 0)
			require.NoError(b, err)
		}
	})
}

func lastNumber(b *testing.B, s Store) uint64 {
	b.Helper()
	entries, err := s.Load(b.Context(), 0)
	require.NoError(b, err)
	if len(entries) == 0 {
		return 0
	}
	return entries[len(entries)-1].Number
}
