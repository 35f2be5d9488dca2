// Package query speaks EC2's query protocol from the service's side: it decodes
// a form into the SDK's input struct and encodes the SDK's output struct as XML.
// The SDK only has the client's half of both. Names on the wire follow from the
// Go names by two rules; the exceptions are listed, and a test that fills every
// member of every struct in use shows the lists to be complete.
package query

import "fmt"

// Namespace is the XML namespace of the API version that the package speaks.
const Namespace = "http://ec2.amazonaws.com/doc/" + Version + "/"

// Version is the API version that the package speaks.
const Version = "2016-11-15"

// Error is a request that cannot be decoded.
type Error struct {
	// Code is EC2's error code.
	Code string
	// Message names the parameter by its path and says what is wrong.
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }
