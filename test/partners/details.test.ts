import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { SubjectDetails } from '../../src/domain/details';
import { PARTNERS } from '../../src/partners';
import { placesOf } from '../../src/tools/field-traces';
import { decoders, type KnownPartner } from '../support/partners';
import { EVERY_FIXTURE, type ExpectedFixture } from '../webhooks/fixture-table';
import { webhookOf } from '../webhooks/fixture-webhook';

const EXPECTED: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(join(__dirname, 'details-of-fixtures.json'), 'utf8'),
);

function decodingOf(partner: KnownPartner, route: string, body: string) {
  const decoding = decoders[partner].decode(route, Buffer.from(body), 'a delivery');
  if (!decoding.ok) throw new Error(`${route} is parked: ${decoding.problem.path}`);
  return decoding.decoded;
}

function decodedFixture(fixture: ExpectedFixture) {
  const { path, body } = webhookOf(fixture, 'http://127.0.0.1');
  return decodingOf(fixture.partner, path.split('/').at(-1) ?? '', body);
}

/** Details with each amount in one line. */
function inLines({ amounts, ...details }: SubjectDetails) {
  const lines = amounts?.map(({ what, amount, unit }) => `${what} ${amount} ${unit ?? '-'}`);
  return { ...details, ...(lines === undefined ? {} : { amounts: lines }) };
}

describe('details of the webhooks that partners print', () => {
  test.each(EVERY_FIXTURE.map((fixture) => [`${fixture.partner} ${fixture.file}`, fixture] as const))(
    '%s',
    (name, fixture) => {
      expect(inLines(decodedFixture(fixture).details)).toEqual(EXPECTED[name]);
    },
  );

  test('are known of every event', () => {
    const shown = new Set(EVERY_FIXTURE.map((fixture) => decodedFixture(fixture).event));
    const all = PARTNERS.modules.flatMap(({ events }) => events.map(({ event }) => event));
    expect(all.filter((event) => !shown.has(event))).toEqual([]);
    expect(all.length).toBeGreaterThanOrEqual(49);
  });
});

/** Decimals that are no value. */
const NO_VALUE = ['params.savings_plan_day'];

test.each(
  PARTNERS.modules.flatMap(({ lifecycles, events }) =>
    events.map((event) => [event.event, event, lifecycles] as const),
  ),
)('every value that %s says is one of the amounts or executions', (_name, event, lifecycles) => {
  const values = event.fields.filter(({ expected, path }) => expected === 'a decimal' && !NO_VALUE.includes(path));
  const places = values.map(({ path }) => [path, placesOf(event, path, lifecycles)] as const);
  const nowhere = places.filter(([, all]) => !all.some((place) => /^(amounts|executions)/.test(place)));
  expect(nowhere).toEqual([]);
});

describe('our own reference', () => {
  const orderWith = (externalId: unknown) =>
    decodingOf(
      'tradevest',
      'traditional-asset-order-notification',
      JSON.stringify({ orderId: '123e4567-e89b-12d3-a456-426614174000', status: 'PLACED', externalId }),
    );

  test.each([
    ['a text of any kind', 'Zyxandra Quellenhofer, flat 7', 'Zyxandra Quellenhofer, flat 7'],
    ['a number', 12, '12'],
    ['characters that cannot be stored', 'a\u0000b', 'a\ufffdb'],
  ])('may be %s', (_kind, given, expected) => {
    const { details, content, duplicateKey, unread } = orderWith(given);
    expect(details.reference).toBe(expected);
    expect(unread).toBeUndefined();
    expect(JSON.stringify({ content, duplicateKey })).not.toContain('Zyxandra');
  });

  test.each([
    ['nothing', null],
    ['an empty text', ''],
    ['an object', { name: 'Zyxandra' }],
    ['more than anybody can keep', 'Zyxandra '.repeat(1_000)],
  ])('parks no delivery where it is %s', (_kind, given) => {
    const { details, unread = [] } = orderWith(given);
    expect(details.reference).toBeUndefined();
    expect(JSON.stringify(unread)).not.toContain('Zyxandra');
  });
});
