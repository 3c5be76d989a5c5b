import { type RetriedRequest, retryRefused } from '../operator/evidence/retry-refused';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, counted, say, sayJson } from './output';
import { whoami } from './whoami';

interface RetryOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

function becameInWords({ result, deliveryId, verdict, why }: RetriedRequest): string {
  const old = verdict === 'signature-too-old' ? ', with a signature too old to act on' : '';
  switch (result) {
    case 'kept':
      return `kept as delivery ${deliveryId ?? ''}${old}`;
    case 'kept-already':
      return `kept as delivery ${deliveryId ?? ''} by another run`;
    case 'would-be-kept':
      return `would be kept${old}`;
    case 'refused':
      return `still not authentic: ${why ?? ''}`;
    case 'removed':
    case 'closed':
    case 'altered':
      return `left untouched: ${why ?? ''}`;
  }
}

function sayOne(one: RetriedRequest): void {
  say(`${one.at}  ${one.partner}  ${one.route}  ${one.refusedAs}  ${one.bodyBytes} bytes`);
  say(`  ${becameInWords(one)}`);
}

function saySummary(items: readonly RetriedRequest[]): void {
  if (items.length === 0) {
    say('Nothing to retry: of no refused request the raw is kept.');
    return;
  }
  const count = (...results: readonly RetriedRequest['result'][]): number =>
    items.filter(({ result }) => results.includes(result)).length;
  const kept = count('kept', 'kept-already');
  const would = count('would-be-kept');
  say(
    `\n${would > 0 ? `${would} would be kept` : `${kept} kept`}, ${count('refused')} still not authentic, ${count('removed', 'closed', 'altered')} left untouched.`,
  );
}

/** One error for all of a kind, by the first of them: two hundred of the same would hide the next. */
function complainOf(items: readonly RetriedRequest[], kind: 'closed' | 'altered', hint: string): void {
  const those = items.filter(({ result }) => result === kind);
  const [first] = those;
  if (first === undefined) return;
  const what = counted(those.length, 'refused request was', 'refused requests were');
  complain(`${first.why ?? ''}${hint} ${what} left untouched.`);
}

function codeOf(items: readonly RetriedRequest[]): ExitCode {
  const results = new Set(items.map(({ result }) => result));
  if (results.has('closed')) return EXIT.wrongUse;
  return results.has('refused') || results.has('altered') ? EXIT.found : EXIT.done;
}

/** `partnerflow rejected retry`: verifies the kept rejected requests again, with the keys configured now. */
export async function rejectedRetry({ dryRun, json }: RetryOptions): Promise<ExitCode> {
  return withStore(async ({ configuration, database, encryption }) => {
    const asked = { database, encryption, configured: configuration, by: whoami(), dryRun: dryRun === true };
    const items: RetriedRequest[] = [];
    for await (const one of retryRefused(asked)) {
      items.push(one);
      if (json !== true) sayOne(one);
    }
    if (json === true) sayJson({ dryRun: dryRun === true, items, next: null });
    else saySummary(items);
    complainOf(items, 'closed', ' See BODY_ENCRYPTION_KEYS.');
    complainOf(items, 'altered', '');
    return codeOf(items);
  });
}
