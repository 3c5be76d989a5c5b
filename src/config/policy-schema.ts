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
      holidays: { description: 'No business days.', type: 'array', items: { type: 'string', format: 'date' } },
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
