import { createHash } from 'node:crypto';

/**
 * Names under which statements are prepared: each is then parsed and planned once a connection, which costs the server
 * more than most of them do. Undefined for a text that is not prepared.
 */
export function createStatementNames(most = MOST_PREPARED): (text: string) => string | undefined {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= most || !isFixed(text)) return known;
    const name = `partnerflow_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
    names.set(text, name);
    return name;
  };
}

/** Bound on what a connection keeps in the server: listings have a text for each combination of their filters. */
const MOST_PREPARED = 200;

/** Texts of which there are too many, or whose result changes with the columns of a table: those cannot be prepared. */
const NOT_PREPARED = [
  // A transaction's beginning and end, and settings.
  /^\s*(begin|start|commit|rollback|savepoint|release|set|create|drop|alter)\b/i,
  // A list whose text grows with its values.
  /\bin \(\$\d/i,
  /\), \(\$\d/,
  // Every column: another column, added by a newer version meanwhile, would make the server refuse the plan.
  /\b(select|returning)\s+("?\w+"?\.)?\*/i,
];

function isFixed(text: string): boolean {
  return !NOT_PREPARED.some((pattern) => pattern.test(text));
}
