import { declaredPath } from '../../src/domain/problem';
import { EVERY_FIXTURE, type ExpectedFixture } from '../webhooks/fixture-table';
import { webhookOf } from '../webhooks/fixture-webhook';
import { eventOf, placesOfWeight, withWrong } from '../webhooks/wrong-fields';
import { decoders, KNOWN_PARTNERS, MODULES } from '../support/partners';

function bodyOf(fixture: ExpectedFixture): unknown {
  return JSON.parse(webhookOf(fixture, 'http://receiver').body);
}

function decoded(fixture: ExpectedFixture, body: unknown) {
  const { route } = eventOf(fixture);
  return decoders[fixture.partner].decode(route, Buffer.from(JSON.stringify(body)), 'a-delivery');
}

test('every event has a printed webhook, from which the tests below make wrong ones', () => {
  const printed = new Set(EVERY_FIXTURE.map(({ partner, event }) => `${partner} ${event}`));
  const events = KNOWN_PARTNERS.flatMap((partner) => MODULES[partner].events.map(({ event }) => `${partner} ${event}`));
  expect(events.filter((event) => !printed.has(event))).toEqual([]);
});

describe.each(EVERY_FIXTURE)('$partner $file', (fixture) => {
  const body = bodyOf(fixture);
  const event = eventOf(fixture);
  const sides = placesOfWeight(body, event, 'side');
  const alone = sides.map((place) => ({ place, decoding: decoded(fixture, withWrong(body, [place])) }));

  test('a side field that is wrong is left out, or parks by its own sentence where it decides', () => {
    for (const { place, decoding } of alone) {
      const { path, field } = place;
      const problem = { path, expected: field.expected, found: expect.any(String) };
      if (decoding.ok) expect(decoding.decoded.unread).toContainEqual(problem);
      else
        expect({ ...decoding.problem, where: field.decidesWhere }).toEqual({ ...problem, where: expect.any(String) });
    }
  });

  test('with every field wrong that decides nothing it is delivered as the same event of the same subject', () => {
    const whole = decoded(fixture, body);
    // Of two fields that stand for each other one is left: without both the body would say nothing.
    const harmless = alone.flatMap(({ place, decoding }) =>
      decoding.ok && place.field.decidesWhere?.endsWith('is not there') !== true ? [place] : [],
    );
    const sealed = placesOfWeight(body, event, 'sealed');
    const decoding = decoded(fixture, withWrong(body, [...harmless, ...sealed]));
    expect(decoding).toMatchObject({ ok: true });
    if (!decoding.ok || !whole.ok) return;
    const unread = (decoding.decoded.unread ?? []).map(({ path }) => path);
    const inside = harmless.filter(({ path }) => !harmless.some((one) => path.startsWith(`${one.path}.`)));
    expect([...unread].sort()).toEqual(inside.map(({ path }) => path).sort());
    expect(decoding.decoded).toMatchObject({ event: whole.decoded.event, subject: whole.decoded.subject });
  });

  test('a deciding field that is wrong parks with its own sentence', () => {
    for (const { path, field } of placesOfWeight(body, event, 'decides')) {
      const decoding = decoded(fixture, withWrong(body, [{ path, field }]));
      expect({ path: path, decoding }).toMatchObject({ decoding: { ok: false, problem: { path } } });
    }
  });
});

test('a field that is printed and cannot be read stands among the fields of its event', () => {
  for (const fixture of EVERY_FIXTURE) {
    const decoding = decoded(fixture, bodyOf(fixture));
    const declared = eventOf(fixture).fields.map(({ path }) => path);
    const unread = decoding.ok ? (decoding.decoded.unread ?? []).map(({ path }) => declaredPath(path)) : [];
    expect(unread.filter((path) => !declared.includes(path))).toEqual([]);
  }
});
