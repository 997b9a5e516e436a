// Does what it is told, a line of standard input at a time: one of the ways below, and mostly a URL.
// It prints what it gets.
'use strict';
const crypto = require('crypto');
const http = require('http');
const readline = require('readline');

const agent = new http.Agent({ keepAlive: true });

function print(...words) { process.stdout.write(words.join(' ') + '\n'); }

// The cause has the code of the system's error, if fetch failed.
function name(error) { return (error.cause && error.cause.code) || error.code || error.name; }

const WAYS = {
  // Prints the status and the body of a GET, over the connections of one agent.
  get(url) {
    return new Promise((resolve, reject) => {
      const request = http.get(url, { agent }, (response) => {
        let body = '';
        response.on('error', reject);
        response.on('data', (piece) => { body += piece; });
        response.on('end', () => { print(response.statusCode, body); resolve(); });
      });
      request.on('error', reject);
    });
  },

  // Closes the connections of that agent.
  destroy() {
    agent.destroy();
    print('destroyed');
  },

  async fetch(url) {
    const response = await fetch(url);
    print(response.status, await response.text());
  },

  // Prints each piece of a body when it comes.
  async pieces(url) {
    const response = await fetch(url);
    const decoder = new TextDecoder();
    for await (const piece of response.body) {
      print(JSON.stringify(decoder.decode(piece, { stream: true })));
    }
    print('end');
  },

  // Gets a file that breaks, and continues once. Prints the second status, how many bytes it had
  // before, and the SHA-256 of all.
  async resume(url) {
    let pieces = [];
    let response = await fetch(url);
    try {
      for await (const piece of response.body) pieces.push(piece);
    } catch (error) {
      const had = Buffer.concat(pieces).length;
      const etag = response.headers.get('etag');
      const condition = etag ? { 'If-Range': etag } : {};
      response = await fetch(url, { headers: { Range: `bytes=${had}-`, ...condition } });
      if (response.status !== 206) pieces = [];
      for await (const piece of response.body) pieces.push(piece);
      const digest = crypto.createHash('sha256').update(Buffer.concat(pieces)).digest('hex');
      print(response.status, had, digest);
      return;
    }
    print('complete');
  },

  // Prints what an EventSource gets; the event "bye" closes it.
  events(url) {
    return new Promise((resolve) => {
      const source = new EventSource(url);
      const show = (event) => print(event.type, event.lastEventId, event.data);
      source.onopen = () => print('open');
      source.onerror = () => print('error');
      source.onmessage = show;
      source.addEventListener('tick', show);
      source.addEventListener('bye', () => { source.close(); print('closed'); resolve(); });
    });
  },

  // Posts a body of 8 MiB after 100 Continue; prints the status, if 100 came, and what was sent.
  expect(url) {
    return new Promise((resolve, reject) => {
      let continued = false;
      const request = http.request(url, {
        method: 'POST', headers: { Expect: '100-continue', 'Content-Length': 8 << 20 },
      }, (response) => {
        response.resume();
        print(response.statusCode, continued);
        request.destroy();
        resolve();
      });
      request.on('error', reject);
      request.on('continue', () => { continued = true; request.end(Buffer.alloc(8 << 20, 'x')); });
      request.flushHeaders();
    });
  },
};

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [way, url] = line.split(' ');
    try {
      await WAYS[way](url);
    } catch (error) {
      print('error', name(error));
    }
  }
  agent.destroy();
})();
