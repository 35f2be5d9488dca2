// Package amisharetest is an EC2 in memory, as far as sharing AMIs goes: images,
// snapshots, their permissions and their tags, copies, encryption by default and block
// public access, for any number of accounts and Regions. It is for tests of programs
// that use package amishare, or EC2's image API directly, and it is the EC2 side of the
// HyperPod emulator hyperpodtest, which takes a [Server] as its Images.
//
// # What it does not do
//
// It launches, creates, registers and deregisters no AMIs, keeps no keys, and knows no
// organisation's members: a grant to an organisation is stored and shows in the
// attribute, but opens the image to nobody. Signatures are not verified. Changes are
// visible at once, but for what an option delays. Every other action of EC2 is refused
// with InvalidAction.
//
// # Jobs
//
//   - Make one: [NewServer]. [Server.Client] gives the SDK's client; the methods of
//     [Server] have the SDK's signatures; and [Server.ServeHTTP] puts it behind a socket for
//     any language.
//   - Fill it: [Server.AddImage] and [Server.AddSnapshot]; the HyperPod AMIs of
//     [PublicImage] are there from the start. [Server.ChangeImage], [Server.RemoveImage] and
//     [Server.RemoveSnapshot] change what is there.
//   - Be another account, or try an IAM policy: [Server.As] with a [Root] or a [Principal].
//   - Make calls go wrong: [Server.Faults], with [Faults.Fail], [Faults.Throttle],
//     [Faults.Delay], [Faults.LoseResponse], [Faults.Ignore] and the hooks [Faults.Before]
//     and [Faults.After]. [Faults.Inject] puts them into any other client.
//   - See what a program calls: [Server.Calls].
//   - Be HyperPod's EC2: [Server.DescribeImage], [Server.DescribeSnapshot],
//     [Server.ShareImage] and [Server.ShareSnapshot] are what the service asks with the
//     rights of its caller. The emulator hyperpodtest calls them, given a [Server] as its
//     Images.
//
// # Two doors
//
// The typed methods and the http.Handler, which speaks EC2's query protocol, run one state
// machine. The client is wired to the handler in process: no socket, no goroutine, nothing
// to close, so it works inside a testing/synctest bubble.
//
// # Who calls
//
// Typed calls and unsigned requests act as the root of the server's account, in its
// Region or that of the endpoint. [Server.As] gives the same server as another account's
// [Root] sees it, or as a [Principal] does: a user or role with policies, by which
// package policy then authorises every call, those included that HyperPod makes with
// the principal's rights. A refusal is UnauthorizedOperation, also of a dry run, without
// the encoded message that the service adds; its text in [Call] says why instead.
// A signed request acts in the Region of its credential scope, as the principal whose
// access key it names; an account's id is the access key of its root. A key that nobody
// has is the server's own root's, until a principal has a key: then it is refused.
//
// Each call is judged on the resources and with the condition keys that the Service
// Authorization Reference lists for its action. Not among them are the keys of the
// network and of the session (aws:SourceIp, aws:MultiFactorAuthPresent and so on), of
// the principal's tags and organisation, and of the time.
//
// # Where its behaviour comes from
//
// Rules and limits are those of the EC2 API Reference, the EC2 User Guide and the
// SDK's doc comments. Error codes are as the service was seen to answer, among
// them: AuthFailure for an image of another owner; InvalidParameter and
// OperationNotPermitted for an AMI and a snapshot that aws/ebs encrypts; InvalidRequest
// for a copy of an AMI whose snapshots are not shared. Inferred, since no document
// gives the code: adding and removing in one call (InvalidParameterCombination), more
// than 500 modifications (InvalidParameterValue), more than 1,000 entities
// (ResourceLimitExceeded), a public grant on something encrypted, granting on an image
// that is not available (InvalidAMIID.Unavailable), a deprecation out of range
// (InvalidParameterValue), and that the conditions ec2:Attribute see an attribute's name
// as the request writes it.
//
// # Options
//
// [Options] say who and where the caller is, how long copies and changes of permissions take
// to show, and whether block public access is on. Their zero value works, and has every
// change visible at once.
//
// # Errors
//
// They are smithy.APIErrors with EC2's codes, as its SDK gives them. A lost answer wraps
// io.ErrUnexpectedEOF.
//
// # Testing
//
// A test makes a server of its own, which opens nothing and is never closed; tests that
// share none may run in parallel.
package amisharetest
