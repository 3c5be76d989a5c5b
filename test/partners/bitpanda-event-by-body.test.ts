import { bitpanda } from '../../src/partners/bitpanda';
import { hasBooking } from '../../src/domain/notification';
import { createVariableReader, type Environment } from '../../src/codecs/environment';
import { EVERY_FIXTURE } from '../webhooks/fixture-table';
import { webhookOf } from '../webhooks/fixture-webhook';

const fixtures = EVERY_FIXTURE.filter(({ partner }) => partner === 'bitpanda');

function decoderOf(environment: Environment) {
  return bitpanda.configure(createVariableReader(environment)).decoder;
}

test.each(fixtures)('where all come to one URL the body of $file says which event it is', (fixture) => {
  const body = Buffer.from(webhookOf(fixture, 'https://hooks.example.com').body);
  const { decoder } = bitpanda;
  const byBody = decoder.decode('bitpanda', body, 'a-delivery');
  expect(byBody).toEqual(decoder.decode(fixture.event, body, 'a-delivery'));
});

test('a body of no event is parked with the names of its fields, and none of its values', () => {
  const body = Buffer.from('{"params":{"id":"1","iban":"DE00 1234"}}');
  expect(bitpanda.decoder.decode('bitpanda', body, 'a-delivery')).toEqual({
    ok: false,
    event: null,
    problem: { path: 'params', expected: expect.stringContaining('automated-orders'), found: 'the fields id, iban' },
  });
});

const orders = fixtures.filter(({ event }) => event === 'automated-orders');

test.each(orders)('what comes from a test domain is marked as sandbox, or parked: $file', (fixture) => {
  const body = Buffer.from(webhookOf(fixture, 'https://hooks.example.com').body);
  const accepted = decoderOf({}).decode('automated-orders', body, 'a-delivery');
  expect(accepted).toMatchObject({ ok: true, decoded: { content: { facts: { sandbox: 'true' } } } });
  expect(decoderOf({ BITPANDA_SANDBOX: 'park' }).decode('automated-orders', body, 'a-delivery')).toEqual({
    ok: false,
    event: 'automated-orders',
    problem: {
      path: 'params.domain_slug',
      expected: 'a domain of production (BITPANDA_SANDBOX is park)',
      found: 'b2b2c_qa',
    },
  });
  const production = Buffer.from(body.toString().replace('b2b2c_qa', 'b2b2c'));
  const parking = decoderOf({ BITPANDA_SANDBOX: 'park' }).decode('automated-orders', production, 'a-delivery');
  expect(parking).toMatchObject({ ok: true });
  expect(parking).not.toMatchObject({ decoded: { content: { facts: { sandbox: 'true' } } } });
});

const bookings = fixtures.filter((fixture) => {
  const body = Buffer.from(webhookOf(fixture, 'https://hooks.example.com').body);
  const decoding = bitpanda.decoder.decode(fixture.event, body, 'a-delivery');
  return decoding.ok && hasBooking(decoding.decoded.content);
});

test.each(bookings)('what a test domain moves is never booked, whatever the sandbox is: $file', (fixture) => {
  const { body } = webhookOf(fixture, 'https://hooks.example.com');
  const { params }: { readonly params: object } = JSON.parse(body);
  const told = (slug: string) => Buffer.from(JSON.stringify({ params: { ...params, domain_slug: slug } }));
  for (const environment of [{}, { BITPANDA_SANDBOX: 'accept' }, { BITPANDA_SANDBOX: 'park' }]) {
    const decoder = decoderOf(environment);
    expect(decoder.decode(fixture.event, told('b2b2c_qa'), 'a-delivery')).toMatchObject({
      ok: false,
      event: fixture.event,
      problem: { path: 'params.domain_slug', found: 'b2b2c_qa' },
    });
    expect(decoder.decode(fixture.event, told('b2b2c'), 'a-delivery')).toMatchObject({ ok: true });
  }
});

test('movements of all kinds are among them', () => {
  expect(new Set(bookings.map(({ event }) => event))).toEqual(
    new Set([
      ...['corporate-actions', 'crypto-actions', 'non-user-initiated-transactions'],
      ...['non-user-initiated-transactions-v2', 'non-user-initiated-transactions-v3'],
    ]),
  );
});
