// Does what it is told, a line of standard input at a time: GET, EXPECT or UPLOAD, and a URL.
// It prints the status and what it got.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"time"
)

const size = 8 << 20

// zeros is a body that notes if it was read.
type zeros struct {
	left int
	read bool
}

func (body *zeros) Read(piece []byte) (int, error) {
	body.read = true
	if body.left == 0 {
		return 0, io.EOF
	}
	count := len(piece)
	if count > body.left {
		count = body.left
	}
	body.left -= count
	return count, nil
}

func handle(client *http.Client, way, url string) error {
	if way == "GET" {
		response, err := client.Get(url)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		if err == nil {
			fmt.Println(response.StatusCode, string(content))
		}
		return err
	}
	body := &zeros{left: size}
	request, err := http.NewRequest("POST", url, body)
	if err != nil {
		return err
	}
	request.ContentLength = size
	if way == "EXPECT" {
		request.Header.Set("Expect", "100-continue")
	}
	continued := false
	trace := &httptrace.ClientTrace{Got100Continue: func() { continued = true }}
	response, err := client.Do(request.WithContext(
		httptrace.WithClientTrace(request.Context(), trace)))
	if err != nil {
		return err
	}
	response.Body.Close()
	fmt.Println(response.StatusCode, continued, body.read)
	return nil
}

func main() {
	// Longer than a test takes: the body is sent only after 100 Continue.
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if err := handle(client, words[0], words[1]); err != nil {
			fmt.Println("error", err)
		}
	}
}
