import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { readAddressList } from '../../src/partners/addresses';
import { createVariableReader } from '../../src/codecs/environment';
import { addressOf } from '../../src/http/server/client-address';

function listOf(text: string) {
  const read = createVariableReader({ LIST: text });
  return { list: readAddressList(read, 'LIST'), bad: read.bad };
}

function from(remote: string, forwarded?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remote });
  const message = new IncomingMessage(socket);
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded;
  return message;
}

test.each([
  ['203.0.113.7', '203.0.113.7', true],
  ['203.0.113.7', '203.0.113.8', false],
  ['203.0.113.0/24', '203.0.113.255', true],
  ['203.0.113.0/24, 2001:db8::/32', '2001:db8:1::1', true],
  ['203.0.113.0/24', '::ffff:203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['203.0.113.0/24', 'localhost', false],
])('of %s, %s is one: %s', (text, address, expected) => {
  expect(listOf(text).list?.has(address)).toBe(expected);
});

test.each(['203.0.113.0/33', '203.0.113', 'host.example', '10.0.0.0/8/8', '10.0.0.0/', ',', '2001:db8::/129'])(
  '%s is no list of addresses, and what is wrong is named',
  (text) => {
    const { list, bad } = listOf(text);
    expect(list).toBeNull();
    expect(bad).toHaveLength(1);
  },
);

test.each([
  ['a stranger’s own header is not believed', '198.51.100.1', '203.0.113.7', '198.51.100.1'],
  ['a trusted proxy names the client', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
  [
    'what stands before the client in the header is a claim of his',
    '10.0.0.1',
    '203.0.113.7, 198.51.100.1',
    '198.51.100.1',
  ],
  ['proxies behind each other are passed over', '10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
  ['a port behind the address is no part of it', '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
  ['a port behind an IPv6 address likewise', '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
  ['without the header the proxy is the client', '10.0.0.1', undefined, '10.0.0.1'],
])('%s', (_what, remote, forwarded, expected) => {
  const { list } = listOf('10.0.0.0/8');
  expect(addressOf(from(remote, forwarded), list)).toBe(expected);
});

test('without trusted proxies the connection alone counts', () => {
  expect(addressOf(from('10.0.0.1', '203.0.113.7'), null)).toBe('10.0.0.1');
});
