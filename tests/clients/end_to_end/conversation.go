// Does what it is told, a line of standard input at a time: GET, RESUME, EXPECT or
// UPLOAD, and a URL.
// It prints the status and what it got.
package main

import (
	"bufio"
	"crypto/sha256"
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

// read gets the part of a file from its offset, if etag is still the file's.
func read(client *http.Client, url string, offset int, etag string) (*http.Response, []byte, error) {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return nil, nil, err
	}
	if offset > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	if etag != "" {
		request.Header.Set("If-Range", etag)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response, content, err
}

// resume gets a file that breaks, and continues once. It prints the second status, how many bytes
// it had before, and the SHA-256 of all.
func resume(client *http.Client, url string) error {
	response, content, err := read(client, url, 0, "")
	if err != io.ErrUnexpectedEOF {
		return fmt.Errorf("not broken: %v", err)
	}
	had := len(content)
	response, rest, err := read(client, url, had, response.Header.Get("ETag"))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusPartialContent {
		content = nil
	}
	fmt.Printf("%d %d %x\n", response.StatusCode, had, sha256.Sum256(append(content, rest...)))
	return nil
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
	if way == "RESUME" {
		return resume(client, url)
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
