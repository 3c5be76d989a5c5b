import { createServer, type ServerResponse } from 'node:http';

import { callPartner } from '../../src/partners/http-client';
import { ReadFailure } from '../../src/partners/reading';
import { listenOn } from '../simulator/clients';

/** How a call to a partner that answers in this way fails. */
async function causeOf(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  const url = await listenOn(server);
  try {
    await callPartner({ method: 'GET', url, signal: AbortSignal.timeout(300) });
    return 'none';
  } catch (error) {
    return error instanceof ReadFailure ? error.failureCause : String(error);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('an answer that is never whole is no answer', () => {
  test.each<[string, (response: ServerResponse) => void, string]>([
    ['closed before it began', (response) => response.destroy(), 'refused connection'],
    [
      'closed in its middle',
      (response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"status":"FILLED"}', () => response.destroy());
      },
      'refused connection',
    ],
    ['hanging in its middle', (response) => void response.write('{"status":"FILLED"'), 'timeout'],
  ])('%s', async (_what, answer, cause) => {
    expect(await causeOf(answer)).toBe(cause);
  });
});
