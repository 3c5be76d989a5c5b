import type { IncomingMessage } from 'node:http';

import type { AddressList } from '../../partners/authentication';

/**
 * Address of the client: that of the connection or, where this is a proxy we trust, the last one in `X-Forwarded-For` that
 * is none. What stands before it anybody may have written.
 */
export function addressOf({ socket, headers }: IncomingMessage, proxies: AddressList | null): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').map(withoutPort).filter(Boolean);
  const hops = [...forwarded, socket.remoteAddress ?? ''];
  return hops.findLast((address) => proxies?.has(address) !== true) ?? hops[0] ?? '';
}

/** Some proxies write the port behind the address. */
function withoutPort(hop: string): string {
  const [, bracketed, plain] = /^\s*(?:\[([^\]]*)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?)\s*$/.exec(hop) ?? [];
  return bracketed ?? plain ?? hop.trim();
}
