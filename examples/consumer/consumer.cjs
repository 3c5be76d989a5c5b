// The bank's side of partnerflow's messages: verifies the signature, keeps the ids, applies each message once.
//   OUTBOX_WEBHOOK_SECRET=… node examples/consumer/consumer.cjs <port> <file>
const { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } = require('node:fs');
const { createServer } = require('node:http');
const { text } = require('node:stream/consumers');
const { Webhook } = require('standardwebhooks');

const [port, path] = process.argv.slice(2);
const secret = process.env.OUTBOX_WEBHOOK_SECRET ?? '';
const webhook = secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });

// One line for each message that was applied. A line that a crash cut off was never answered: it comes again.
const file = openSync(path, 'a+');
const kept = readFileSync(path, 'utf8');
ftruncateSync(file, Buffer.byteLength(kept.slice(0, kept.lastIndexOf('\n') + 1)));
const ids = new Set(
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).id),
);

function applyOnce(id, message) {
  if (ids.has(id)) return;
  // Here the bank books, in one transaction with the id.
  writeSync(file, `${JSON.stringify({ id, ...message })}\n`);
  fsyncSync(file);
  ids.add(id);
}

const server = createServer(async (request, response) => {
  try {
    const message = webhook.verify(await text(request), request.headers);
    applyOnce(request.headers['webhook-id'], message);
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
});
server.listen(Number(port), '127.0.0.1', () => console.log('listening'));
process.once('SIGTERM', () => server.close(() => closeSync(file)));
