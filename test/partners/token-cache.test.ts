import { ReadFailure } from '../../src/partners/reading';
import { createTokenCache } from '../../src/partners/token-cache';

test('a reader whose time is up waits for no token, and does not end its fetch for the others', async () => {
  let bring: (answer: { access_token: string; expires_in: string }) => void = () => undefined;
  const fetch = () => new Promise<{ access_token: string; expires_in: string }>((resolve) => (bring = resolve));
  const tokens = createTokenCache();
  const patient = tokens.token('client', fetch, new AbortController().signal);
  const late: unknown = await tokens.token('client', fetch, AbortSignal.abort()).catch((failure: unknown) => failure);
  expect(late instanceof ReadFailure && late.failureCause).toBe('timeout');
  bring({ access_token: 'token-1', expires_in: '60' });
  expect(await patient).toBe('token-1');
}, 5_000);
