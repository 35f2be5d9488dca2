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
// # Jobs
//
//   - Make one: [NewServer]. [Server.Client] gives the SDK's client; the methods of
//     [Server] have the SDK's signatures, so that it is itself an [API]; and
//     [Server.ServeHTTP] puts it behind a socket for any language.
//   - Have operations take their time: [Realistic], with Speed or in a testing/synctest
//     bubble. Otherwise everything that was asked for is done by the next request.
//   - Make calls go wrong: [Server.Faults], with [Faults.Fail], [Faults.Throttle],
//     [Faults.Delay], [Faults.LoseResponse], [Faults.Ignore] and the hooks [Faults.Before]
//     and [Faults.After]. [Faults.Inject] puts them into any other client.
//   - Make the world around the service go wrong: [Server.FailLifecycle],
//     [Server.SetCapacity], [Server.SetAlarm], [Server.SetAlarmAt],
//     [Server.SetDisruptionBudget], [Server.FailTeardown], [Server.FailDeletion].
//     [Server.PublishRelease] makes HyperPod's own images older than the newest.
//   - Try an IAM policy: [Server.As] gives both doors to a [Principal] with policies, and
//     [Authorize] is the same judgement for fakes of other services.
//   - See what a program calls: [Server.Calls].
//   - Hold a fake of one's own, or AWS, to the same contract: [RunConformance].
//
// # Two doors
//
// The typed methods and the [http.Handler] run one state machine. The handler speaks AWS
// JSON 1.1, and [Server.Client] wires the Go SDK to it without a socket: nothing is to be
// closed.
//
// # Who calls
//
// Typed methods and unsigned requests act as the root of Options.Account. A signed
// request acts as the account whose id is its access key, or as the [Principal] that
// has the key; a key that nobody has is refused once a principal has one, and stands for
// that root before. Of a principal of [Server.As] each call is authorised by package
// policy, and so is what the service does with its rights in EC2, EKS, IAM and KMS.
//
// # Time
//
// The state of a cluster is a function of the time and of the requests so far. No
// goroutine moves it: each request first applies what has come due. Inside a
// testing/synctest bubble the server must be made inside the bubble.
//
// # Options
//
// [Options] say who and where the caller is, how long things take ([Durations]), what EC2
// knows of AMIs ([Images], such as an amisharetest.Server), and choose between ways in
// which the service was seen to behave. Their zero value works.
//
// # Errors
//
// They are the SDK's own: types.ResourceNotFound and its kin by errors.As, any other code
// as a smithy.APIError. A lost answer wraps io.ErrUnexpectedEOF.
//
// # Testing
//
// A test makes a server of its own, which opens nothing and is never closed; tests that
// share none may run in parallel. Time goes by the clock of the process, so that a test in
// a testing/synctest bubble waits hours of HyperPod in no time.
package hyperpodtest
