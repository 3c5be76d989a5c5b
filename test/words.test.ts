import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['src', 'workflows', 'activities', 'bench', 'chaos', 'test'];

/** Histories and bundles of releases stay as they were recorded. */
const EXEMPT = [join('test', 'histories'), join('test', 'releases'), join('test', 'words.test.ts')];

/** Identifiers that were replaced by a word of the field's; `docs/terms.md` holds the words that stay. */
const REPLACED = [
  // The decision of dispatch, and the quiet period of a set.
  ...['Settlement', 'Settled', 'showSettling', 'judgeSilently'],
  // Snapshots, checks, a run's status, a partner's reliability.
  ...['SetStanding', 'KeyStanding', 'PartnerStanding', 'foldStanding', 'loadStanding', 'readPartnerStandings'],
  ...['readStanding', 'readOutboxStanding', 'STANDING_LIMITS', 'showStanding'],
  // Encryption and its failures.
  ...['Sealing', 'createSealing', 'sealDelivery', 'sealJson', 'SealedDelivery', 'SealedJson', 'isSealedJson'],
  ...['sealingKey', 'openJson', 'openRaw', 'openHeaders', 'openBody', 'bodyPlace', 'headersPlace', 'rawPlace'],
  ...['CannotOpen', 'NotKept', 'Resealed', 'ResealingListener', 'resealAll', 'resealDelivery', 'resealRaw'],
  ...['unopened', 'Unopened', 'Understood', 'UnderstandingDependencies', 'giveBackUnopened'],
  // Looking at flows, repairing them, notifying sets.
  ...[
    'Sighting',
    'FlowSightings',
    'createFlowSightings',
    'FlowMender',
    'createFlowMender',
    'mendDeliveries',
    'Mending',
  ],
  ...['SetTeller', 'createSetTeller', 'tellSets', 'tellAll', 'tellConflicts', 'tellingPart', 'TellingStep'],
  ...['UntoldSet', 'UntoldRequest', 'untoldSets', 'markTold', 'TOLD_COLUMNS'],
  // Wake-ups, semaphores, cleanup stacks.
  ...['createBell', 'createRoom', 'createStopper', 'Bell', 'Room', 'Stopper', 'isRung', 'playWithRoom'],
  // Actions of operators.
  ...['OperatorDeed', 'FlowDeed', 'ShownDeed', 'DeedItem', 'DeedFilter', 'DeedDetails', 'deedLines', 'deedOperations'],
  ...['deedsOf', 'deedsOfAll', 'listDeeds', 'noteDeed', 'noteFlowDeeds', 'forgetDeeds', 'unkeptDeeds', 'withDeed'],
  // Rejections.
  ...['bringIn', 'BroughtIn'],
  // Escalation, and the parts of a flow.
  ...[
    'climb',
    'climbAgain',
    'rungWaitMs',
    'createMemory',
    'createSurface',
    'createAlarm',
    'seeTo',
    'goOn',
    'goOnQuietly',
  ],
  ...['isHurried'],
  // Related objects, and the ratio of a corporate action.
  ...['namedKey', 'withNamed', 'Stretch', 'stretchOf', 'Ballot', 'takeBallots', 'Vote', 'Said'],
  // Errors and lists.
  ...['nameOfError', 'nameOfFailure', 'inShort', 'absenceDetail', 'absenceSentence'],
];

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (EXEMPT.includes(path)) return [];
    if (entry.isDirectory()) return filesOf(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

it('no identifier comes back that was replaced by a word of the field', () => {
  const word = new RegExp(`\\b(${REPLACED.join('|')})\\b`, 'g');
  const files = FOLDERS.flatMap(filesOf);
  expect(files.length).toBeGreaterThan(500);
  const found = files.flatMap((file) =>
    [...new Set(readFileSync(file, 'utf8').match(word) ?? [])].map((name) => `${file}: ${name}`),
  );
  expect(found).toEqual([]);
});
