import type { LifecycleTable } from '../domain/lifecycles/table';
import { durationsOf } from './policy';

const duration = { $ref: '#/$defs/duration' };
const due = { $ref: '#/$defs/due' };

function subjectSchema(durations: readonly string[]) {
  const names = ['first', ...durations];
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, due])),
  };
}

/** Settings of business days and of local times. */
function calendarSettings(lifecycleTables: readonly LifecycleTable[]) {
  return {
    holidays: {
      description: 'No business days, in any calendar.',
      type: 'array',
      items: { type: 'string', format: 'date' },
    },
    calendars: {
      description:
        'Business calendars beside TARGET and WEEKENDS: closed days, `2026-12-25`, of each year, `12-25`, or by Easter, `easter-2`.',
      type: 'object',
      additionalProperties: {
        type: 'array',
        items: { type: 'string', pattern: '^(\\d{4}-)?\\d{2}-\\d{2}$|^easter([+-]\\d{1,3})?$' },
      },
    },
    calendar: {
      description: 'The business calendar by partner, lifecycle or object; the nearest counts.',
      ...byKind(lifecycleTables),
    },
    timeZone: {
      description:
        'The time zone in which times of a partner recur, and in which those without an offset are told; without one they are UTC.',
      ...byKind(lifecycleTables),
    },
  };
}

/** The names under which partners, their lifecycles and their objects have a setting. */
function byKind(lifecycleTables: readonly LifecycleTable[]) {
  const names = lifecycleTables.flatMap(({ partner, object, lifecycle }) => [
    ...[partner, `${partner}:${lifecycle}`, `${partner}:${object}`],
  ]);
  const properties = Object.fromEntries([...new Set(names)].sort().map((name) => [name, { type: 'string' }]));
  return { type: 'object', additionalProperties: false, properties };
}

/** JSON schema of POLICY_FILE: every setting, every kind of subject and every duration that may be overridden. */
export function policySchema(lifecycleTables: readonly LifecycleTable[]) {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'partnerflow policy',
    description:
      'POLICY_FILE: everything is optional, only what is named is overridden. DEADLINE_SCALE multiplies all of it.',
    type: 'object',
    additionalProperties: false,
    properties: {
      ladder: {
        description: 'While something is overdue: read, alert or not, wait.',
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['alert', 'wait'],
          properties: { alert: { type: 'boolean' }, wait: duration },
        },
      },
      thenEvery: { description: 'Between reads once the ladder is climbed.', ...duration },
      agreementWaits: { description: 'Before each repetition of a read that lags.', type: 'array', items: duration },
      alertWindow: { description: 'Alerts of one partner and finding within it are one.', ...duration },
      dispatchTries: {
        description: 'Tries that may fail for a delivery alone before it is parked.',
        type: 'integer',
        minimum: 1,
        maximum: 2_000,
      },
      sweepEvery: { description: 'How often each partner is asked what it has sent.', ...duration },
      sweepWindow: { description: 'How far back it is asked.', ...duration },
      ...calendarSettings(lifecycleTables),
      precisions: {
        description: 'The smallest amount a partner books, by asset group; `*` for every other group.',
        type: 'object',
        additionalProperties: { type: 'string', pattern: '^\\d{1,20}(\\.\\d{1,20})?$' },
      },
      due: {
        description: 'By subject, then by state; `first` is for the first notification.',
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          lifecycleTables.map((table) => [
            `${table.partner}:${table.object}`,
            subjectSchema(Object.keys(durationsOf(table))),
          ]),
        ),
      },
    },
    $defs: {
      duration: { type: 'string', pattern: '^P', description: 'An ISO 8601 duration such as PT4H.' },
      due: {
        oneOf: [
          duration,
          {
            type: 'object',
            additionalProperties: false,
            required: ['businessDays'],
            properties: { businessDays: { type: 'integer', minimum: 1, maximum: 2_600 } },
          },
        ],
      },
    },
  };
}

/** Text of the schema's file. */
export function policySchemaText(lifecycleTables: readonly LifecycleTable[]): string {
  return `${JSON.stringify(policySchema(lifecycleTables), null, 2)}\n`;
}
