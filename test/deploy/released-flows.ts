import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { JSONToPayload } from '@temporalio/common/lib/proto-utils';

import type { FlowInput } from '../../workflows/contract';
import type { CorporateActionContent, NotificationContent } from '../../src/domain/notification';
import type { SubjectKey } from '../../src/domain/subject-key';
import type { Reading } from '../../src/domain/reading';
import type { Subject } from '../../src/domain/subject';
import { historiesOf, type RecordedHistory, textOf } from '../workflows/histories';

/** A flow as a release left it open: what started it, what it was told, what its reads showed, where it stood. */
export interface ReleasedFlow {
  /** The name of the history it is made from. */
  readonly name: string;
  readonly key: SubjectKey;
  readonly policy: FlowInput['policy'];
  readonly told: readonly NotificationContent[];
  /** In the order in which reads showed them. */
  readonly readings: readonly Reading[];
  /** Nobody answered whether to confirm. */
  readonly undecided: boolean;
  /** What the release had written last: where the flow waits. */
  readonly stood: Pick<Subject, 'state' | 'waitingFor' | 'overdue'>;
}

/** The parts of an event of a history that are looked at, as protobuf writes them in JSON. */
interface Event {
  readonly eventType: string;
  readonly workflowExecutionStartedEventAttributes?: { readonly input: Payloads };
  readonly workflowExecutionSignaledEventAttributes?: { readonly input: Payloads };
  readonly activityTaskScheduledEventAttributes?: { readonly input: Payloads };
  readonly activityTaskCompletedEventAttributes?: { readonly result?: Payloads };
  readonly activityTaskFailedEventAttributes?: object;
}

interface Payloads {
  readonly payloads?: Parameters<typeof JSONToPayload>;
}

function valueIn(payloads: Payloads | undefined): any {
  const [payload] = payloads?.payloads ?? [];
  const data = payload === undefined ? null : JSONToPayload(payload).data;
  const text = Buffer.from(data ?? []).toString('utf8');
  return text === '' ? null : JSON.parse(text);
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** A value whose times lie as far from now as they lay from the recording's beginning. */
function moved<T>(value: T, byMs: number): T {
  const text = JSON.stringify(value).replace(TIME, (time) => new Date(Date.parse(time) + byMs).toISOString());
  return JSON.parse(text);
}

/** A spin-off by its three legs, and money of a corporate action. */
const LEGS = [
  { instrument: 'asset:1', amount: '-8' },
  { instrument: 'asset:1', amount: '8' },
  { instrument: 'asset:2', amount: '4' },
] as const;
const MONEY = { instrument: 'fiat:1', amount: '4' } as const;

/** A movement like the recorded one: a history holds only that something was booked, the booking is dispatch's. */
function movement({ id }: SubjectKey, type: string, index: number): CorporateActionContent {
  const [corporateActionId = '', userId = ''] = id.split(':');
  const isObligation = type === 'dividend';
  const { instrument, amount } = isObligation ? MONEY : (LEGS[index] ?? LEGS[2]);
  const bare = { direction: null, assetGroup: 'stock', fee: null, value: null, alias: null };
  const booking = {
    transactionId: randomUUID(),
    userId,
    corporateActionId,
    type,
    creditedAt: '2026-03-02T09:00:00Z',
    legs: [
      {
        ...bare,
        leg: isObligation ? 'fiat' : 'asset',
        instrument,
        amount,
        isObligation,
      },
    ],
    mayGrow: false,
  };
  return { lifecycle: 'corporateAction', event: 'TEST', booking };
}

/** The third leg of a set of two. */
export function thirdLeg(key: SubjectKey): CorporateActionContent {
  return movement(key, 'spin_off', 2);
}

/** What the signals of a history said, without what dispatch adds to it. Verdicts of other holders are not told again. */
function contentsOf(key: SubjectKey, signals: readonly any[]): readonly NotificationContent[] {
  if (key.object === 'corporate-action') {
    const movements = signals.filter(({ news }) => news.kind === 'movement');
    return movements.map(({ news }, index) => movement(key, news.type, index));
  }
  return signals.map(({ deliveryId: _id, receivedAt: _at, contradictsEarlier: _earlier, ...content }) => content);
}

function freshId(id: string): string {
  return id
    .split(':')
    .map(() => randomUUID())
    .join(':');
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** A settling set has written nothing yet: dispatch shows it in the row. */
const SETTLES = { state: 'spin_off', waitingFor: ['settle'], overdue: false };

/** When an obligation is due is dispatch's word, by the policy in force, and no longer that of the recording. */
function standing({ state, waitingFor, overdue }: ReleasedFlow['stood']): ReleasedFlow['stood'] {
  return { state, waitingFor, overdue: overdue && !waitingFor.includes('obligation') };
}

/** The flow of a history once more, under an id of its own; null for one that had ended. */
function releasedFlow(history: RecordedHistory): ReleasedFlow | null {
  const { events }: { events: readonly Event[] } = JSON.parse(textOf(history));
  if (events.some(({ eventType }) => eventType.endsWith('WORKFLOW_EXECUTION_COMPLETED'))) return null;
  const input: FlowInput = valueIn(events[0]?.workflowExecutionStartedEventAttributes?.input);
  const signals = events.map((event) => event.workflowExecutionSignaledEventAttributes).filter(isDefined);
  const sent = signals.map((signal) => valueIn(signal.input));
  const results = events.map((event) => event.activityTaskCompletedEventAttributes).filter(isDefined);
  const readings = results.map(({ result }) => valueIn(result)?.result?.reading).filter(isDefined);
  const calls = events.map((event) => event.activityTaskScheduledEventAttributes).filter(isDefined);
  const written = calls.map(({ input: given }) => valueIn(given)).map((given) => given.write?.subject ?? given.subject);
  const key = { ...input.key, id: freshId(input.key.id) };
  const byMs = Date.now() - Date.parse(sent[0]?.receivedAt ?? new Date().toISOString());
  return {
    name: history.name,
    key,
    policy: input.policy,
    told: contentsOf(key, moved(sent, byMs)),
    readings,
    undecided: events.some((event) => event.activityTaskFailedEventAttributes !== undefined),
    stood: standing(written.filter(isDefined).at(-1) ?? SETTLES),
  };
}

/** So many flows for each history of the release whose flow was open. */
export function releasedFlows(release: string, each: number): readonly ReleasedFlow[] {
  const histories = historiesOf(release).flatMap((history) => Array.from({ length: each }, () => history));
  return histories.map(releasedFlow).filter((flow) => flow !== null);
}

/** The workflow code of a release, unpacked. */
export function releasedBundle(release: string): Buffer {
  return gunzipSync(readFileSync(join(__dirname, '..', 'releases', release, 'workflow-bundle.js.gz')));
}
