import type { SetMovement } from './corporate-action';

/** The kinds of ids by which a partner names a share. */
export type IdStyle = 'integer' | 'uuid';

/** The kinds of ids by which a set names shares of which no other id is known, each once. */
export function stylesOf(movements: readonly SetMovement[], aliased: ReadonlySet<string>): readonly IdStyle[] {
  const loose = movements
    .map(({ instrument }) => instrument)
    .filter((one) => one.startsWith('asset:') && !aliased.has(one));
  return [...new Set(loose.map(styleOf))];
}

/**
 * The kinds of ids whose shares may be the same as those of other holders under the other kind, without an alias that
 * says so. The kind that most sets use is the reference; where both are as frequent none is.
 */
export function rarerStyles({ integer = 0, uuid = 0 }: Readonly<Record<string, number>>): readonly IdStyle[] {
  if (integer === 0 || uuid === 0) return [];
  if (integer === uuid) return ['integer', 'uuid'];
  return [integer < uuid ? 'integer' : 'uuid'];
}

const INTEGER = /^(asset|fiat):\d+$/;

function styleOf(instrument: string): IdStyle {
  return INTEGER.test(instrument) ? 'integer' : 'uuid';
}
