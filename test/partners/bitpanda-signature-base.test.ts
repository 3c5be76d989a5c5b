import { createHash, sign } from 'node:crypto';

import { isInnerList, type InnerList, parseDictionary } from 'structured-headers';

import type { IncomingRequest } from '../../src/partners/authentication';
import { signatureBase } from '../../src/partners/bitpanda/signature-base';
import { judge, newSigner, NOW_SECONDS, ORIGIN, requestOf } from './bitpanda-requests';

const signer = newSigner('k1');
const HOST = 'hooks.example.com';

function inputOf(member: string): InnerList {
  const found = parseDictionary(`sig1=${member}`).get('sig1');
  if (found === undefined || !isInnerList(found)) throw new Error('no list');
  return found;
}

/** The line of one component, by the code under test. */
function lineOf(component: string, headers: readonly (readonly [string, string])[], url = '/path'): string {
  const request = { ...requestOf(signer), rawHeaders: headers, url };
  const [line = ''] = signatureBase(request, `https://www.example.com${url}`, inputOf(`(${component})`)).split('\n');
  return line;
}

describe('the values of components are those printed in RFC 9421', () => {
  const query =
    '/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something';

  test.each([
    ['"@query-param";name="var"', 'this%20is%20a%20big%0Amultiline%20value'],
    ['"@query-param";name="bar"', 'with%20plus%20whitespace'],
    ['"@query-param";name="fa%C3%A7ade%22%3A%20"', 'something'],
  ])('%s (§2.2.8)', (component, value) => {
    expect(lineOf(component, [], query)).toBe(`${component}: ${value}`);
  });

  test.each([
    ['"example-dict"', 'a=1,    b=2;x=1;y=2,   c=(a   b   c)'],
    ['"example-dict";sf', 'a=1, b=2;x=1;y=2, c=(a b c)'],
    ['"example-dict";key="b"', '2;x=1;y=2'],
    ['"example-dict";key="c"', '(a b c)'],
  ])('%s (§2.1.1, §2.1.2)', (component, value) => {
    expect(lineOf(component, [['Example-Dict', '  a=1,    b=2;x=1;y=2,   c=(a   b   c)']])).toBe(
      `${component}: ${value}`,
    );
  });

  test('"example-header";bs (§2.1.3)', () => {
    const lines = [
      ['Example-Header', 'value, with, lots'],
      ['Example-Header', 'of, commas'],
    ] as const;
    expect(lineOf('"example-header";bs', lines)).toBe(
      '"example-header";bs: :dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:',
    );
    expect(lineOf('"example-header"', lines)).toBe('"example-header": value, with, lots, of, commas');
  });

  test.each([
    ['a query parameter that comes twice', '"@query-param";name="a"', '/x?a=1&a=2'],
    ['a query parameter that is not there', '"@query-param";name="b"', '/x?a=1'],
    ['a query parameter without its name', '"@query-param"', '/x?a=1'],
    ['a component nobody knows', '"@status"', '/x'],
    ['a field of a trailer', '"example-header";tr', '/x'],
    ['bytes of a member', '"example-header";bs;key="a"', '/x'],
  ])('%s cannot be computed', (_what, component, url) => {
    expect(() => lineOf(component, [['example-header', 'a=1']], url)).toThrow();
  });
});

const BODY = Buffer.from('{"params":{"id":"1"}}');
const DIGEST = `sha-256=:${createHash('sha256').update(BODY).digest('base64')}:`;

interface Signed {
  /** The lines of the base but the last, as the partner would write them. */
  readonly lines: readonly string[];
  readonly url: string;
  readonly request?: Partial<IncomingRequest>;
  readonly more?: readonly (readonly [string, string])[];
}

/** A request whose signature signs just these lines: what the partner thinks that the components are. */
function signed({ lines, url, request, more = [] }: Signed): IncomingRequest {
  const names = lines.map((line) => line.slice(0, line.indexOf(': ')));
  const params = `(${names.join(' ')});created=${NOW_SECONDS};keyid="k1"`;
  const base = [...lines, `"@signature-params": ${params}`].join('\n');
  const bytes = sign('sha256', Buffer.from(base), { key: signer.privateKeyPem, dsaEncoding: 'ieee-p1363' });
  return {
    method: 'POST',
    url,
    rawHeaders: [
      ['Host', HOST],
      ['Content-Digest', DIGEST],
      ['Signature-Input', `sig1=${params}`],
      ['Signature', `sig1=:${bytes.toString('base64')}:`],
      ...more,
    ],
    body: BODY,
    receivedAtMs: NOW_SECONDS * 1000,
    publicOrigin: ORIGIN,
    ...request,
  };
}

const PATH = '/webhooks/bitpanda/reports';
const usual = ['"@method": POST', `"@path": ${PATH}`, `"content-digest": ${DIGEST}`];

function target(uri: string): readonly string[] {
  return ['"@method": POST', `"@target-uri": ${uri}`, `"content-digest": ${DIGEST}`];
}

const accepted: readonly (readonly [string, IncomingRequest])[] = [
  [
    'a query parameter beside the query',
    signed({
      url: `${PATH}?a=b+c&d=1`,
      lines: [...usual, '"@query": ?a=b+c&d=1', '"@query-param";name="a": b%20c'],
    }),
  ],
  [
    'a field serialized strictly',
    signed({ url: PATH, lines: [...usual, '"x-parts";sf: a=1, b=2'], more: [['X-Parts', ' a=1,   b=2 ']] }),
  ],
  [
    'a field as the bytes of its lines',
    signed({
      url: PATH,
      lines: [...usual, '"x-parts";bs: :b25l:, :dHdv:'],
      more: [
        ['X-Parts', 'one'],
        ['X-Parts', 'two'],
      ],
    }),
  ],
  [
    'an authority whose spelling differs in case and default port',
    signed({
      url: PATH,
      lines: [...usual, '"@authority": Hooks.Example.COM:443'],
      request: { publicOrigin: 'https://Hooks.Example.COM:443' },
    }),
  ],
  [
    'a normal target where our public URL is not in its normal form',
    signed({
      url: PATH,
      lines: target(`${ORIGIN}${PATH}`),
      request: { publicOrigin: 'https://HOOKS.example.com:443' },
    }),
  ],
  [
    'a target with the default port written out',
    signed({ url: PATH, lines: target(`https://hooks.example.com:443${PATH}`) }),
  ],
  [
    'a target under the path of our public URL',
    signed({
      url: PATH,
      lines: target(`${ORIGIN}/bank${PATH}`),
      request: { publicOrigin: `${ORIGIN}/bank` },
    }),
  ],
  [
    'a path as it reached us, behind a public URL with a path',
    signed({ url: PATH, lines: usual, request: { publicOrigin: `${ORIGIN}/bank` } }),
  ],
  [
    'a request target in absolute form, as it was sent',
    signed({
      url: PATH,
      lines: [...usual, `"@request-target": ${ORIGIN}${PATH}`],
      request: { requestTarget: `${ORIGIN}${PATH}` },
    }),
  ],
];

test.each(accepted)('a signature that covers %s is right', async (_what, request) => {
  expect(await judge([signer.key], request)).toMatchObject({ ok: true, verdict: 'authentic' });
});

const refused: readonly (readonly [string, IncomingRequest])[] = [
  [
    'another value of a query parameter',
    signed({ url: `${PATH}?a=1`, lines: [...usual, '"@query": ?a=1', '"@query-param";name="a": 2'] }),
  ],
  [
    'a query parameter alone, and not the query',
    signed({ url: `${PATH}?a=1`, lines: [...usual, '"@query-param";name="a": 1'] }),
  ],
  [
    'the digest as bytes alone',
    signed({
      url: PATH,
      lines: [
        '"@method": POST',
        `"@path": ${PATH}`,
        `"content-digest";bs: :${Buffer.from(DIGEST).toString('base64')}:`,
      ],
    }),
  ],
  ['another host', signed({ url: PATH, lines: target(`https://other.example.com${PATH}`) })],
  ['another port', signed({ url: PATH, lines: target(`https://hooks.example.com:8443${PATH}`) })],
  ['another scheme', signed({ url: PATH, lines: target(`http://hooks.example.com${PATH}`) })],
  [
    'a path that is not ours',
    signed({ url: PATH, lines: target(`${ORIGIN}/other${PATH}`), request: { publicOrigin: `${ORIGIN}/bank` } }),
  ],
];

test.each(refused)('a signature that covers %s is refused', async (_what, request) => {
  expect(await judge([signer.key], request)).toMatchObject({ ok: false });
});

test('headers on several lines are one value: two labels, and two digests', async () => {
  const request = requestOf(signer);
  const rawHeaders = request.rawHeaders.flatMap(([name, value]): readonly (readonly [string, string])[] => {
    if (name === 'signature')
      return [
        [name, 'other=:AAAA:'],
        [name, value],
      ];
    if (name === 'signature-input')
      return [
        [name, 'other=("@method");created=1;keyid="x"'],
        [name, value],
      ];
    return [[name, value]];
  });
  expect(await judge([signer.key], { ...request, rawHeaders })).toMatchObject({ ok: true });
  const digests = `sha-512=:AAAA:, ${DIGEST}`;
  const lines = ['"@method": POST', `"@path": ${PATH}`, `"content-digest": ${digests}`];
  const twoDigests = signed({ url: PATH, lines });
  const onTwoLines = twoDigests.rawHeaders.flatMap(([name, value]): readonly (readonly [string, string])[] =>
    name === 'Content-Digest'
      ? [
          [name, 'sha-512=:AAAA:'],
          [name, value],
        ]
      : [[name, value]],
  );
  expect(await judge([signer.key], { ...twoDigests, rawHeaders: onTwoLines })).toMatchObject({ ok: true });
});
