import { createServer } from 'node:http';

import Koa from 'koa';

/** Baseline: a Koa application that answers 200 and does nothing else. */
const application = new Koa();
application.use((context) => {
  context.status = 200;
  context.body = '';
});
const server = createServer(application.callback());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: address !== null && typeof address === 'object' ? address.port : 0 });
});
process.on('disconnect', () => process.exit(0));
