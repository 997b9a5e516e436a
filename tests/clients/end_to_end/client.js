// Posts "ping" to a URL twice; prints status and body of each answer.
// Usage: node client.js fetch|https URL. For https NODE_EXTRA_CA_CERTS names the authority.
'use strict';
const [way, url] = process.argv.slice(2);

function viaHttps() {
  const module_ = require(url.startsWith('https') ? 'https' : 'http');
  const agent = new module_.Agent({ keepAlive: true });
  return new Promise((resolve, reject) => {
    const request = module_.request(url, { method: 'POST', agent }, (answer) => {
      let body = '';
      answer.on('data', (piece) => { body += piece; });
      answer.on('end', () => { agent.destroy(); resolve(answer.statusCode + ' ' + body); });
    });
    request.on('error', reject);
    request.end('ping');
  });
}

async function viaFetch() {
  const answer = await fetch(url, { method: 'POST', body: 'ping' });
  return answer.status + ' ' + await answer.text();
}

(async () => {
  for (let i = 0; i < 2; i++) {
    console.log(await (way === 'fetch' ? viaFetch() : viaHttps()));
  }
})().catch((error) => { console.error(error); process.exit(1); });
