package emul

import (
	"bytes"
	"io"
	"net/http"
)

// Transport answers requests from a handler in the same process. It satisfies the
// HTTPClient option of every SDK client, opens no socket and starts no goroutine,
// so it works inside a testing/synctest bubble.
type Transport struct{ Handler http.Handler }

// Do serves the request and returns the recorded answer. It fails when the
// request's context has ended, before or after the handler ran, and when the handler
// panics with http.ErrAbortHandler, as a real connection would.
func (t Transport) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	served := req.Clone(ctx)
	if served.Body == nil {
		served.Body = http.NoBody
	}
	if served.Host == "" {
		served.Host = served.URL.Host // as a server reads it from the request line
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	aborted := t.serve(w, served)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if aborted {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{
		Status:        http.StatusText(w.status),
		StatusCode:    w.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        w.header,
		Body:          io.NopCloser(bytes.NewReader(w.body.Bytes())),
		ContentLength: int64(w.body.Len()),
		Request:       req,
	}, nil
}

// serve reports whether the handler broke the connection off, in the way that
// net/http has for it.
func (t Transport) serve(w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		switch reason := recover(); reason {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(reason)
		}
	}()
	t.Handler.ServeHTTP(w, r)
	return false
}

type recorder struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.wrote = true
	return w.body.Write(p)
}
