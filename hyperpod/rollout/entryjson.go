package rollout

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// sealed is an entry as it is kept, with the checksum of the bytes of its JSON. Without
// it an entry that was cut off and mended, or edited, could pass for what was written.
type sealed struct {
	SHA256 string          `json:"sha256"`
	Entry  json.RawMessage `json:"entry"`
}

// sealEntry encodes an entry under its number.
func sealEntry(e Entry, number uint64) ([]byte, error) {
	e.Number = number
	entry, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(sealed{SHA256: checksum(entry), Entry: entry})
	if err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

// unsealEntry decodes what sealEntry has made of the entry with the number. It accepts
// nothing else: what it does not know it would drop from the state.
func unsealEntry(data []byte, number uint64) (Entry, error) {
	var file sealed
	if err := decodeStrictly(data, &file); err != nil {
		return Entry{}, err
	}
	if sum := checksum(file.Entry); file.SHA256 != sum {
		return Entry{}, fmt.Errorf("its checksum is %q, that of its content %q", file.SHA256, sum)
	}
	var e Entry
	if err := decodeStrictly(file.Entry, &e); err != nil {
		return Entry{}, fmt.Errorf("entry: %w", err)
	}
	if e.Number != number {
		return Entry{}, fmt.Errorf("it holds entry %d", e.Number)
	}
	return e, nil
}

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func decodeStrictly(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after its end")
	}
	return nil
}
