// Serves ten bytes by the rules of the standard library, with the tag that the field X-Tag names.
// It prints its port, and ends when its input does.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	modified := time.Unix(784111777, 0)
	go http.Serve(listener, http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		writer.Header().Set("ETag", request.Header.Get("X-Tag"))
		writer.Header().Set("Content-Type", "text/plain")
		http.ServeContent(writer, request, "", modified, bytes.NewReader([]byte("0123456789")))
	}))
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	io.Copy(io.Discard, os.Stdin)
}
