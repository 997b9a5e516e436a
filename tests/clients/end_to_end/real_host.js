// Fetches a URL and prints what it got.
// Usage: node real_host.js fetch|module|agent URL. The last takes its proxy as an argument.
'use strict';
const [way, url] = process.argv.slice(2);

function get(options) {
  // The module http, or https.
  const scheme = require(url.split(':')[0]);
  return new Promise((resolve, reject) => {
    scheme.get(url, options, (response) => {
      let body = '';
      response.on('data', (piece) => { body += piece; });
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
}

function withAgent() {
  const { HttpsProxyAgent } = require('https-proxy-agent');
  return get({ agent: new HttpsProxyAgent(process.env.HTTPS_PROXY) });
}

const ways = {
  fetch: async () => (await fetch(url)).text(),
  module: () => get({}),
  agent: withAgent,
};

ways[way]().then(console.log, (error) => { console.error(error); process.exitCode = 1; });
