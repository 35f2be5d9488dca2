// Package amisharetest is an EC2 in memory, as far as sharing AMIs goes: images,
// snapshots, their permissions and their tags, for any number of accounts and
// Regions. It is for tests of programs that use package amishare, or EC2's image
// API directly, and it is the EC2 side of the HyperPod emulator hyperpodtest, which
// takes a [Server] as its Images.
//
// # What it does not do
//
// It launches, copies, registers and deregisters nothing, keeps no keys, and
// knows no organisation's members: a grant to an organisation is stored and shows
// in the attribute, but opens the image to nobody. Signatures are not verified and
// nothing is authorised by policy: whoever calls acts as the root of the account.
// Changes are visible at once. Every other action of EC2 is refused with
// InvalidAction.
//
// # Two doors
//
// [Server.Client] gives a real *ec2.Client, wired in process: no socket, no
// goroutine, nothing to close, so it works inside a testing/synctest bubble. The
// Server is also an http.Handler that speaks EC2's query protocol to any client,
// and it has the operations as methods with the SDK's own signatures. All of them
// go through one state machine, which records every call ([Server.Calls]).
//
// A signed request acts in the Region of its credential scope, and as the account
// whose id of twelve digits is its access key ([As]). An unsigned one, and a typed
// call, acts in the server's own account and Region.
//
// # Where its behaviour comes from
//
// Rules and limits are those of the EC2 API Reference, the EC2 User Guide and the
// SDK's doc comments. Error codes are as the service was seen to answer, among
// them: AuthFailure for an image of another owner; InvalidParameter and
// OperationNotPermitted for an AMI and a snapshot that aws/ebs encrypts. Inferred,
// since no document gives the code: adding and removing in one call
// (InvalidParameterCombination), more than 500 modifications
// (InvalidParameterValue), more than 1,000 entities (ResourceLimitExceeded), a
// public grant on something encrypted, and granting on an image that is not
// available (InvalidAMIID.Unavailable).
package amisharetest
