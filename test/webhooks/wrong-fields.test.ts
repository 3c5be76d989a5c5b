import { Agent, request } from 'undici';

import { send } from '../faults/partner-stub';
import { openSystem, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { ownNamespace } from '../support/set-up-temporal';
import { decoders } from '../support/partners';
import { bitpandaEnvironment } from './bitpanda-partner';
import { EVERY_FIXTURE, type ExpectedFixture } from './fixture-table';
import { webhookOf } from './fixture-webhook';
import { eventOf, type Place, placesOfWeight, withWrong } from './wrong-fields';

jest.setTimeout(240_000);

const TOKEN = 'a-token-of-the-tests';

let system: System;
const agent = new Agent();

beforeAll(async () => {
  system = await openSystem({
    namespace: await ownNamespace(),
    environmentOf: (url) => ({ ...bitpandaEnvironment(url), OPERATIONS_TOKENS: JSON.stringify({ tests: TOKEN }) }),
  });
  await system.receive();
  system.work();
});

afterAll(async () => {
  await agent.close();
  await system.close();
});

/** One printed webhook of each event. */
const ONE_OF_EACH = [...new Map(EVERY_FIXTURE.map((one) => [`${one.partner} ${one.event}`, one])).values()];

function bodyOf(fixture: ExpectedFixture): unknown {
  return JSON.parse(webhookOf(fixture, system.url).body);
}

/** Side fields of a body that decide nothing in it, each wrong alone. */
function harmless(fixture: ExpectedFixture, body: unknown): readonly Place[] {
  const event = eventOf(fixture);
  return placesOfWeight(body, event, 'side').filter((place) => {
    const bytes = Buffer.from(JSON.stringify(withWrong(body, [place])));
    const standsForAnother = place.field.decidesWhere?.endsWith('is not there') === true;
    return !standsForAnother && decoders[fixture.partner].decode(event.route, bytes, 'a-delivery').ok;
  });
}

async function get(path: string): Promise<string> {
  const { body } = await request(`${system.url}${path}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
    dispatcher: agent,
  });
  return body.text();
}

/** A delivery as the API shows it, once it is decided on and as many fields as are wrong are said to be left unread. */
async function decided(fixture: ExpectedFixture, body: unknown, unread = 0) {
  const id = await send(system.url, webhookOf(fixture, system.url, JSON.stringify(body)), agent);
  if (id === null) throw new Error(`${fixture.file} was not kept`);
  return eventually(async () => {
    const delivery: unknown = JSON.parse(await get(`/operations/deliveries/${id}`));
    // A flow may be faster with its outcome than dispatch with what it decided.
    if (Object(delivery).status === 'pending' || Object(delivery).unread.length < unread) throw new Error('not yet');
    return delivery;
  });
}

describe.each(ONE_OF_EACH)('$partner $event, posted', (fixture) => {
  test('with every field wrong that decides nothing is delivered, and shows what was left unread', async () => {
    const body = bodyOf(fixture);
    const wrong = harmless(fixture, body);
    const sealed = placesOfWeight(body, eventOf(fixture), 'sealed');
    const outermost = wrong.filter(({ path }) => !wrong.some((one) => path.startsWith(`${one.path}.`)));
    const delivery = await decided(fixture, withWrong(body, [...wrong, ...sealed]), outermost.length);
    const unread: readonly unknown[] = Object(delivery).unread;
    expect(delivery).toMatchObject({ event: fixture.event, problem: null });
    expect(Object(delivery).status).toMatch(/^(delivered|duplicate)$/);
    expect(unread.map((one): unknown => Object(one).path).sort()).toEqual(outermost.map(({ path }) => path).sort());
  });

  test('with a field wrong that decides is parked with the sentence of that field', async () => {
    const body = bodyOf(fixture);
    for (const place of placesOfWeight(body, eventOf(fixture), 'decides')) {
      // Another event has no codec that could say what is wrong.
      if (place.path === 'event') continue;
      const delivery = await decided(fixture, withWrong(body, [place]));
      expect(delivery).toMatchObject({ status: 'parked', problem: { path: place.path }, unread: [] });
    }
  });
});

test('what was left unread, and replaced versions that still arrive, are counted and listed', async () => {
  const metrics = await get('/metrics');
  expect(metrics).toMatch(
    /^partnerflow_unread_fields_total\{partner="bitpanda",event="corporate-actions",field="params.additional_details"\} [1-9]/m,
  );
  expect(metrics).toMatch(/^partnerflow_deprecated_events_total\{partner="bitpanda",event="top-up-request"\} [1-9]/m);
  expect(metrics).not.toMatch(/^partnerflow_deprecated_events_total\{[^}]*event="top-up-request-v2"/m);
  const listed: unknown = JSON.parse(await get('/operations/deliveries?unread=true&limit=500'));
  const items: readonly unknown[] = Object(listed).items;
  expect(items.length).toBeGreaterThan(40);
  expect(items.filter((one) => !Array.isArray(Object(one).unread))).toEqual([]);
  const others: unknown = JSON.parse(await get('/operations/deliveries?unread=false&limit=500'));
  const without: readonly unknown[] = Object(others).items;
  expect(without.filter((one) => Object(one).unread !== undefined)).toEqual([]);
});
