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
// with a live account: it follows the SDK's documentation and the AWS guides, and
// what is an assumption is said where it is made.
//
// # Two doors
//
// The methods of [Server] have the SDK's own signatures, so a Server stands in for
// a client wherever an interface is taken. As an [http.Handler] it speaks AWS JSON
// 1.1 to any language's SDK; [Server.Client] wires the Go SDK to that door without
// a socket. Both doors run one state machine.
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
