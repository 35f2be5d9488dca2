package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// keptCalls is how many calls each emulator remembers.
const keptCalls = 10_000

// account is both emulators, wired to one another.
type account struct {
	clusters *hyperpodtest.Server
	images   *amisharetest.Server
}

func newAccount(opts options) account {
	images := amisharetest.NewServer(func(o *amisharetest.Options) {
		o.Speed, o.MaxCalls, o.BlockPublicAccess = opts.speed, keptCalls, true
	})
	return account{images: images, clusters: hyperpodtest.NewServer(func(o *hyperpodtest.Options) {
		if !opts.instant {
			hyperpodtest.Realistic(o)
		}
		o.Speed, o.MaxCalls, o.Images = opts.speed, keptCalls, images
	})}
}

// ServeHTTP hands a request to the service that it is for: SageMaker names its
// operation in a header, EC2 in a form.
func (a account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodGet && r.URL.Path == "/health":
		answer(w, http.StatusOK, map[string]any{"status": "ok", "time": a.clusters.Now()})
	case r.Header.Get("X-Amz-Target") != "":
		a.clusters.ServeHTTP(w, r)
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"), r.URL.Query().Has("Action"):
		a.images.ServeHTTP(w, r)
	default:
		answer(w, http.StatusNotFound, map[string]any{
			"message": "This is an emulator of SageMaker HyperPod (AWS JSON 1.1, by X-Amz-Target) and of EC2's images (query protocol, by a form). The request is for neither.",
		})
	}
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away is no error of the server's
}

// serve answers until the context ends, and then lets the requests under way finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return err
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
