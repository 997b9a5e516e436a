// Fetches a URL and prints what it got.
// Usage: node real_host.js fetch|https|agent URL. The last takes its proxy as an argument.
'use strict';
const https = require('https');
const [way, url] = process.argv.slice(2);

function get(options) {
  return new Promise((resolve, reject) => {
    https.get(url, options, (response) => {
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
  https: () => get({}),
  agent: withAgent,
};

ways[way]().then(console.log, (error) => { console.error(error); process.exitCode = 1; });
