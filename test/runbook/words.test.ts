import { CAUSES } from '../../activities/failures';
import { BREAK_KINDS } from '../../src/domain/lifecycles/corporate-actions/corporate-action';
import { ALERTS, FINDINGS, OUTCOMES } from '../../src/domain/subject';
import { CUT_OFF } from '../../src/domain/sweep';
import { type Api, openApi } from '../operations/harness';
import { partnerflow } from '../support/partnerflow';
import { anchors, apiCalls, codeWords, commandLines, linkedAnchors } from './runbook';

async function helpOf(words: readonly string[]): Promise<string> {
  return (await partnerflow([...words, '--help'])).out;
}

const SUBCOMMANDS = new Set([
  ...['policy apply', 'positions import', 'trades import', 'obligations paid', 'rejected retry', 'outbox retry'],
]);

/** `obligations paid` of `partnerflow obligations paid X --reference X`. */
function nameOf([, first = '', second = '']: readonly string[]): string {
  return SUBCOMMANDS.has(`${first} ${second}`) ? `${first} ${second}` : first;
}

const lines = commandLines();
const names = [...new Set(lines.map(nameOf))].sort();

describe('the commands of the runbook', () => {
  const helps = new Map<string, string>();
  beforeAll(async () => {
    for (const name of names) helps.set(name, await helpOf(name.split(' ')));
  });

  const known = (name: string): boolean => helps.get(name)?.startsWith(`Usage: partnerflow ${name}`) === true;

  test('there are many, and each exists', () => {
    expect(names.length).toBeGreaterThan(12);
    expect(names.filter((name) => !known(name))).toEqual([]);
  });

  test.each(lines.map((words) => words.join(' ')))('%s takes these words', (line) => {
    const words = line.split(' ');
    const name = nameOf(words);
    const help = helps.get(name) ?? '';
    const [usage = ''] = help.split('\n');
    const options = words.filter((word) => word.startsWith('--'));
    for (const option of options) expect(help).toMatch(new RegExp(`^ +${option}\\b`, 'm'));
    const given = words.length - 1 - name.split(' ').length;
    const required = Array.from(usage.matchAll(/<[^>]+>/g)).length;
    expect(given).toBeGreaterThanOrEqual(required);
  });
});

describe('the calls of the operations API in the runbook', () => {
  let api: Api;
  beforeAll(async () => {
    api = await openApi();
  });
  afterAll(() => api.close());

  const shape = (path: string): string =>
    path
      .split('/')
      .map((part) => (/^\{|X|%3A/.test(part) ? '{}' : part))
      .join('/');

  test('each is a route with these parameters and fields', async () => {
    const { body } = await api.call('GET', '/operations/openapi.json');
    const calls = apiCalls();
    expect(calls.length).toBeGreaterThan(10);
    for (const { method, path, query, body: fields } of calls) {
      const [, operations = {}] = Object.entries(body.paths).find(([known]) => shape(known) === shape(path)) ?? [];
      const described = JSON.stringify(operations[method] ?? 'no such route');
      expect({ method, path, described }).not.toMatchObject({ described: '"no such route"' });
      for (const name of [...query, ...fields])
        expect({ path, described }).toMatchObject({ described: expect.stringContaining(`"${name}"`) });
    }
  });
});

describe('the entries of the runbook', () => {
  test('every link inside it leads somewhere', () => {
    expect(linkedAnchors.length).toBeGreaterThan(20);
    expect(linkedAnchors.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
  });

  test('no heading stands for two entries', () => {
    expect(anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index)).toEqual([]);
  });

  test.each([
    ...['overdue', 'unreachable', 'parked', 'unbalanced', 'breaks', 'workflow-task-failures'],
    ...['receiver-not-keeping', 'backlog', 'missed', 'slow', 'absent', 'contradiction', 'outbox'],
  ])('alert rules can point at #%s', (anchor) => {
    expect(anchors).toContain(anchor);
  });

  test.each([...new Set<string>([...FINDINGS, ...ALERTS])])('%s has a heading of its own', (name) => {
    expect(anchors).toContain(name);
  });

  test.each([...BREAK_KINDS, ...Object.keys(CAUSES), CUT_OFF])('%s stands in a table', (word) => {
    expect(codeWords).toContain(word);
  });

  test('the outcomes that want somebody have an entry', () => {
    const calm: readonly string[] = ['applied', 'repeated', 'late'];
    for (const outcome of OUTCOMES) if (!calm.includes(outcome)) expect(anchors).toContain(outcome);
  });
});
