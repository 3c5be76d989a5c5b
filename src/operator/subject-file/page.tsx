import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';

import type { Evidence } from '../evidence/evidence';
import type { SubjectRecord } from '../../store/flows/record';
import type { StoryItem } from './story';

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:1rem auto;padding:0 1rem;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #bbb}
pre{white-space:pre-wrap;background:#f3f3f3;padding:.5rem}section{border-top:2px solid #888;margin-top:2rem}dt{font-weight:600}dd{margin:0 0 .4rem}`;

/** Longest body that is shown in the page, in characters; the file beside it is whole. */
const LONGEST_SHOWN = 20_000;

/** Beginning of the page: the subject, its facts, and its story. */
export function headOf(record: SubjectRecord, story: readonly StoryItem[], writtenAt: string): string {
  const { flow, details } = record;
  const title = render(<title>{`Evidence of ${flow.workflowId}`}</title>);
  const facts: readonly (readonly [string, string | null])[] = [
    ['Subject', flow.workflowId],
    ['Partner', flow.partner],
    ['State', flow.state],
    ['Open', flow.open ? 'yes' : 'no'],
    ['Ended', flow.end === null ? null : `${flow.end.state ?? ''} at ${flow.end.at}, by ${flow.end.by}`],
    ['Waits for', flow.waitingFor.join(', ') || null],
    ['Due', flow.dueAt],
    ['User', details.userId ?? null],
    ['Our reference', details.reference ?? null],
    ['Reason', details.reason ?? null],
    ...Object.entries({ ...flow.facts, ...details.facts }),
    ...(details.amounts ?? []).map(({ what, amount, unit }) => [what, `${amount} ${unit ?? ''}`] as const),
    ['Written', writtenAt],
  ];
  const body = render(
    <>
      <h1>{`Evidence of ${flow.workflowId}`}</h1>
      <p>
        Everything that is kept of it: what came when and who signed it, what was read, decided, booked, and told to
        whom. Times are UTC. <code>manifest.json</code> holds the SHA-256 of every file beside this page.
      </p>
      <Facts facts={facts} />
      <h2>What happened, in the order of time</h2>
      <Story story={story} />
      <h2>Messages, with what was told</h2>
      {record.messages.map(({ id, type, at, sending, told }) => (
        <details>
          <summary>{`${at} ${type} (${id})${sending === null ? '' : `: ${sending.state} ${sending.endedAt ?? ''}`}`}</summary>
          <pre>{JSON.stringify(told, null, 2)}</pre>
        </details>
      ))}
      {record.messages.length === 0 ? <p>None.</p> : null}
      <h2>Last answer of the partner to a read</h2>
      {record.object?.bytes == null ? <p>None is kept.</p> : <Body bytes={record.object.bytes} />}
      <h2>Deliveries</h2>
    </>,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">${title}<style>${STYLE}</style></head><body>${body}`;
}

/** End of the page. */
export const TAIL = '</body></html>\n';

function Facts({ facts }: { readonly facts: readonly (readonly [string, string | null])[] }) {
  return (
    <dl>
      {facts.map(([name, value]) =>
        value === null ? null : (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ),
      )}
    </dl>
  );
}

const KIND_WORDS: Readonly<Record<StoryItem['kind'], string>> = {
  came: 'came',
  decided: 'was decided',
  folded: 'changed the subject',
  read: 'was read',
  found: 'was found',
  moved: 'was booked',
  owed: 'owed to a user',
  told: 'was told to our own backend',
  acted: 'an operator did',
  ended: 'ended',
};

function Story({ story }: { readonly story: readonly StoryItem[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>What</th>
          <th>In words</th>
        </tr>
      </thead>
      <tbody>
        {story.map(({ at, kind, text, deliveryId }) => (
          <tr>
            <td>{at}</td>
            <td>{KIND_WORDS[kind]}</td>
            <td>{deliveryId === null ? text : <a href={`#${deliveryId}`}>{text}</a>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Section of one delivery: who signed it, how that was verified, its headers and its body. */
export function sectionOf(evidence: Evidence, folder: string): string {
  const { deliveryId, receivedAt, became, verdict, checks, headers, body, credentialFingerprint } = evidence;
  const bytes = body.base64 === null ? null : Buffer.from(body.base64, 'base64');
  return render(
    <section id={deliveryId}>
      <h3>{`${receivedAt} ${became.event ?? evidence.route}`}</h3>
      <Facts
        facts={[
          ['Delivery', deliveryId],
          ['From', `${evidence.partner}, by ${evidence.source}, as ${evidence.route}`],
          ['Verdict when it came', verdict.then],
          ['Verified again now', verdict.now],
          ['Credential or key that verified it', credentialFingerprint],
          ['Result', RESULTS[evidence.result]],
          ['Became', `${became.status}${became.outcome === null ? '' : `, ${became.outcome}`}`],
          ['Decided', became.settledAt],
          ['Changed the subject', became.outcomeAt],
          ['SHA-256 of the body', body.sha256],
          ['Files', folder],
        ]}
      />
      <Rows
        heading={['Check', 'Result', 'Says']}
        rows={checks.map(({ check, result, says }) => [check, result, says])}
      />
      <details>
        <summary>Headers; credentials are redacted, signatures stay</summary>
        <Rows heading={['Name', 'Value']} rows={headers} />
      </details>
      {bytes === null ? <p>{`The body is not kept any more: ${body.state}.`}</p> : <Body bytes={bytes} />}
    </section>,
  );
}

const RESULTS: Readonly<Record<Evidence['result'], string>> = {
  verified: 'what is stored is what the partner sent',
  'partly-verified': 'nothing contradicts it, and not everything can be verified any more',
  altered: 'ALTERED: what is stored is not what was received',
};

function Rows(props: {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly ComponentChildren[])[];
}) {
  return (
    <table>
      <thead>
        <tr>
          {props.heading.map((name) => (
            <th>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((cells) => (
          <tr>
            {cells.map((cell) => (
              <td>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Body({ bytes }: { readonly bytes: Buffer }) {
  const text = bytes.toString('utf8');
  const shown = text.slice(0, LONGEST_SHOWN);
  return (
    <>
      <pre>{shown}</pre>
      {text.length > shown.length ? <p>The rest of it is in the file.</p> : null}
    </>
  );
}
