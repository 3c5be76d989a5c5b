import type { HolderSet } from './corporate-action';

/**
 * The holders whose shares may be the same as other holders' under another kind of id, without an alias that says so.
 * What most sets use is the reference; where both are as frequent none is the reference.
 */
export function unresolvedHolders(holders: readonly HolderSet[], aliased: ReadonlySet<string>): ReadonlySet<string> {
  const styles = new Map<string, ReadonlySet<Style>>();
  const counts: Record<Style, number> = { integer: 0, uuid: 0 };
  for (const { userId, movements } of holders) {
    const loose = movements
      .map(({ instrument }) => instrument)
      .filter((one) => one.startsWith('asset:') && !aliased.has(one));
    const own = new Set(loose.map(styleOf));
    styles.set(userId, own);
    for (const style of own) counts[style] += 1;
  }
  if (counts.integer === 0 || counts.uuid === 0) return new Set();
  const minor: readonly Style[] =
    counts.integer === counts.uuid ? ['integer', 'uuid'] : [counts.integer < counts.uuid ? 'integer' : 'uuid'];
  return new Set([...styles].filter(([, own]) => minor.some((style) => own.has(style))).map(([userId]) => userId));
}

type Style = 'integer' | 'uuid';

const INTEGER = /^(asset|fiat):\d+$/;

function styleOf(instrument: string): Style {
  return INTEGER.test(instrument) ? 'integer' : 'uuid';
}
