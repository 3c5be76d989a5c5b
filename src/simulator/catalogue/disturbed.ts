import type { Partner } from '../../domain/partner';
import type { Expected, ReadFault, Script, Step } from '../script';
import { ends, foundByRead, moves, readsAreWell, readsFail, says, silently, untilFound } from './steps';

/** Plain course of a kind of object, which a partner may disturb in every known way. */
export interface Course {
  readonly partner: Partner;
  /** Name of the object's kind. */
  readonly kind: string;
  /** Beginning of the scripts' names. */
  readonly name: string;
  /** Noun for people: "transfer". */
  readonly noun: string;
  /** State after which something is owed. */
  readonly middle: string;
  readonly end: string;
  /** Outcome of a webhook after the end: late where the end is final, and without news where the object only rests. */
  readonly after: 'late' | 'repeated';
  /** Disturbances that a demonstration shows on it; the others are played by tests. Absent: all. */
  readonly shown?: readonly string[];
  /** True where its end is read; else reads matter only when something is overdue. */
  readonly readsEnd: boolean;
}

interface Disturbance {
  readonly name: string;
  readonly title: (course: Course) => string;
  readonly misbehaviours: readonly string[];
  readonly steps: (course: Course) => readonly Step[];
  readonly expected: (course: Course) => Expected;
}

/** Noun with its article, for a script's sentence. */
function one(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

const DOWN: ReadFault = { kind: 'status', status: 503 };

const webhooks: readonly Disturbance[] = [
  {
    name: 'end-lost',
    title: ({ noun, end }) => `The last webhook of ${one(noun)}, ${end}, is lost.`,
    misbehaviours: ['lost at the end'],
    steps: ({ middle, end }) => [...moves(middle), silently(end)],
    expected: ({ end }) => ends(end, 1, foundByRead),
  },
  {
    name: 'end-late',
    title: ({ noun, end }) => `The ${end} of ${one(noun)} comes long after it was due and read.`,
    misbehaviours: ['delayed webhook'],
    steps: ({ middle, end }) => [...moves(middle), silently(end), untilFound('missed'), says(end)],
    expected: ({ end, after }) => ends(end, 1, { ...foundByRead, outcomes: { applied: 1, [after]: 1 } }),
  },
  {
    name: 'slow',
    title: ({ noun }) => `One ${noun} takes longer than it should, and then goes on.`,
    misbehaviours: ['slow partner'],
    steps: ({ middle, end }) => [...moves(middle), untilFound('slow'), ...moves(end)],
    expected: ({ end }) => ends(end, 2, { findings: { exactly: ['slow'] } }),
  },
  {
    name: 'repeated',
    title: ({ noun }) => `Every webhook of ${one(noun)} comes twice, byte for byte, with the same time in it.`,
    misbehaviours: ['repeated'],
    steps: ({ middle, end }) => [...moves(middle), { do: 'repeat' }, ...moves(end), { do: 'repeat' }],
    expected: ({ end }) => ends(end, 2, { duplicate: 2 }),
  },
  {
    name: 'reversed',
    title: ({ noun, middle, end }) => `The ${end} of ${one(noun)} overtakes its ${middle}.`,
    misbehaviours: ['reordered'],
    steps: ({ middle, end }) => [silently(middle), ...moves(end), says(middle)],
    expected: ({ end, after }) => ends(end, 1, { outcomes: { applied: 1, [after]: 1 } }),
  },
  {
    name: 'unknown',
    title: ({ noun }) => `A status of ${one(noun)} that nobody has heard of comes in between.`,
    misbehaviours: ['unknown status'],
    steps: ({ middle, end }) => [...moves(middle), says('SET_ASIDE'), ...moves(end)],
    expected: ({ end }) => ends(end, 2, { parked: 1 }),
  },
  {
    name: 'forged',
    title: ({ noun, end }) => `Somebody without the credential says ${end} of ${one(noun)}.`,
    misbehaviours: ['forged'],
    steps: ({ middle, end }) => [...moves(middle), { do: 'forge', status: end }, ...moves(end)],
    expected: ({ end }) => ends(end, 2, { rejected: 1 }),
  },
];

const overdueReads: readonly Disturbance[] = [
  {
    name: 'absent',
    title: ({ noun }) => `An overdue ${noun} cannot be found for a while: 404 on every path.`,
    misbehaviours: ['read answers 404'],
    steps: ({ middle, end }) => [
      ...moves(middle),
      readsFail({ kind: 'status', status: 404 }, null),
      untilFound('absent'),
      readsAreWell,
      ...moves(end),
    ],
    expected: ({ end }) => ends(end, 2, { findings: { exactly: ['absent'] } }),
  },
  {
    name: 'reads-down',
    title: ({ noun }) =>
      `The end of ${one(noun)} is lost while reads are down: first nothing can be known, then it is found.`,
    misbehaviours: ['reads down', 'lost at the end'],
    steps: ({ middle, end }) => [
      ...moves(middle),
      readsFail(DOWN, null),
      silently(end),
      untilFound('unreachable'),
      readsAreWell,
    ],
    expected: ({ end }) => ends(end, 1, { ...foundByRead, findings: { exactly: ['unreachable', 'missed'] } }),
  },
];

const endReads: readonly Disturbance[] = [
  {
    name: 'read-hangs',
    title: ({ noun }) => `The read of ${one(noun)} that has ended hangs and is cut off; the next one is answered.`,
    misbehaviours: ['read hangs'],
    steps: ({ middle, end }) => [...moves(middle), readsFail({ kind: 'hang', due: 0.1 }, 1), ...moves(end)],
    expected: ({ end }) => ends(end, 2),
  },
  {
    name: 'read-lags',
    title: ({ noun, middle, end }) => `${end} of ${one(noun)} is told while reads still show ${middle}.`,
    misbehaviours: ['stale read'],
    steps: ({ middle, end }) => [...moves(middle), readsFail({ kind: 'stale', state: middle }, 1), ...moves(end)],
    expected: ({ end }) => ends(end, 2),
  },
];

/** Scripts of every disturbance that makes sense for a course, one object each. */
export function disturbed(course: Course): readonly Script[] {
  const disturbances = [...webhooks, ...overdueReads, ...(course.readsEnd ? endReads : [])];
  return disturbances.map(({ name, title, misbehaviours, steps, expected }) => ({
    name: `${course.name}-${name}`,
    title: title(course),
    misbehaviours,
    partner: course.partner,
    kind: course.kind,
    objects: course.shown?.includes(name) === false ? 0 : 1,
    steps: steps(course),
    expected: expected(course),
  }));
}
