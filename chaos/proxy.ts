import { connect, createServer, type Server, type Socket } from 'node:net';

/** Behaviour of the connections: `lost-answers` passes what is asked and swallows what is answered, then cuts. */
export type Manner = 'well' | 'slow' | 'cut' | 'lost-answers';

/** Proxy between our processes and a server. */
export interface Proxy {
  readonly port: number;
  /** From here on all connections behave so, those that are open as well. */
  behave(manner: Manner): void;
  stop(): Promise<void>;
}

const SLOW_BY_MS = 250;
/** Time after which a connection whose answers are lost is cut; none of our statements and calls waits so long. */
const LOST_FOR_MS = 400;

/** Proxy on the loopback, to a port on the loopback. */
export async function startProxy(target: number): Promise<Proxy> {
  let manner: Manner = 'well';
  const open = new Set<Socket>();
  const cutAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (manner === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => undefined);
      socket.setNoDelay(true);
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    pass(client, upstream, () => (manner === 'slow' ? 'later' : 'now'));
    pass(upstream, client, () => {
      if (manner !== 'lost-answers') return manner === 'slow' ? 'later' : 'now';
      setTimeout(() => client.destroy(), LOST_FOR_MS);
      return 'never';
    });
  });
  return {
    port: await listen(server),
    behave: (next) => {
      // What was slow stays in order only on a connection of its own.
      if (next === 'cut' || manner === 'slow' || manner === 'lost-answers') cutAll();
      manner = next;
    },
    stop: async () => {
      cutAll();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

function pass(from: Socket, to: Socket, when: () => 'now' | 'later' | 'never'): void {
  from.on('data', (chunk) => {
    const moment = when();
    if (moment === 'now') to.write(chunk);
    else if (moment === 'later') setTimeout(() => to.writable && to.write(chunk), SLOW_BY_MS);
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}
