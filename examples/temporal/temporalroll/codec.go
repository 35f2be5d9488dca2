package temporalroll

import (
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// MaxPayload is how large a payload may be, in bytes: Temporal warns above it, and
// refuses what is a few times larger.
const MaxPayload = 256 << 10

// Codec compresses payloads. It is zlib, by the SDK's own codec, which leaves alone what
// it would not make smaller. The state of 500 targets of 4 groups is 700 KB of JSON and a
// few percent of that when compressed. Temporal's UI and CLI read it by way of a codec
// server, such as the one of the worker command.
func Codec() converter.PayloadCodec { return converter.NewZlibCodec(converter.ZlibCodecOptions{}) }

// DataConverter is what every client and worker of these workflows needs: JSON,
// compressed by [Codec]. The time that this takes does not count as a workflow's own: the
// SDK would take hundreds of steps that begin together for a deadlock.
func DataConverter() converter.DataConverter {
	return workflow.DataConverterWithoutDeadlockDetection(compressed())
}

// compressed is [DataConverter] for Temporal's test environment, which hands activities
// the converter of their workflow: there the SDK's pausing of the deadlock detection locks
// itself up now and then, when an activity ends at the moment a workflow task does.
func compressed() converter.DataConverter {
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), Codec())
}
