// Posts "ping" over a Unix socket twice; prints status and body of each answer.
// Usage: node unix_socket.js http|https PATH [CAFILE].
'use strict';
const fs = require('fs');
const [scheme, socketPath, cafile] = process.argv.slice(2);
const module_ = require(scheme);
const agent = new module_.Agent({ keepAlive: true });
const options = { socketPath, path: '/echo', method: 'POST', agent };
if (cafile) {
  // Without a name it would compare the certificate with the path.
  Object.assign(options, { ca: fs.readFileSync(cafile), servername: 'localhost', host: 'localhost' });
}

function post() {
  return new Promise((resolve, reject) => {
    const request = module_.request(options, (answer) => {
      let body = '';
      answer.on('data', (piece) => { body += piece; });
      answer.on('end', () => resolve(answer.statusCode + ' ' + body));
    });
    request.on('error', reject);
    request.end('ping');
  });
}

(async () => {
  console.log(await post());
  console.log(await post());
  agent.destroy();
})().catch((error) => { console.error(error); process.exit(1); });
