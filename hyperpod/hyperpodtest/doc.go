// Package hyperpodtest is an emulator of SageMaker HyperPod: clusters, instance
// groups and nodes in memory, behind a real SDK client.
//
//	srv := hyperpodtest.NewServer()
//	client := srv.Client() // a real *sagemaker.Client, wired in process
//
// # What it does not do
//
// It verifies no signature, runs no instance and no script, and calls nothing
// outside the process. It answers the operations of [API]; any other operation is
// answered with the service's error for an unknown one. Nothing here was compared
// with a live account: FIDELITY.md, at the root of the repository, lists each
// behaviour with its source and its test, what is assumed, and what is not emulated.
//
// # Two doors
//
// The methods of [Server] have the SDK's own signatures, so a Server stands in for
// a client wherever an interface is taken. As an [http.Handler] it speaks AWS JSON
// 1.1 to any language's SDK; [Server.Client] wires the Go SDK to that door without
// a socket. Both doors run one state machine.
//
// # Who calls
//
// Typed methods and unsigned requests act as the root of Options.Account. A signed
// request acts as the account whose id is its access key, or as the [Principal] that
// has the key; a key that nobody has is refused once a principal has one, and stands for
// that root before. [Server.As] gives both doors to a principal with policies: each of its
// calls is authorised by package policy, and so is what the service does with its
// rights in EC2, EKS, IAM and KMS. [Authorize] is the same judgement for tests.
//
// # What goes wrong
//
// [Server.Faults] are about calls: errors, throttling, delays, lost answers, answers
// that change nothing. The other methods of [Server] are about the world around the
// service: [Server.FailLifecycle], [Server.SetCapacity], [Server.SetAlarm],
// [Server.SetAlarmAt], [Server.SetDisruptionBudget], [Server.FailTeardown],
// [Server.FailDeletion]. Options choose between ways in which the service was seen to
// behave.
//
// # Time
//
// The state of a cluster is a function of the time and of the requests so far. No
// goroutine moves it: each request first applies what has come due. By default
// everything asked for is done by the next request; [Realistic] makes operations
// take the time that they take on AWS, and Options.Speed makes that time run
// faster than the wall's. Inside a testing/synctest bubble the server must be made
// inside the bubble.
package hyperpodtest
