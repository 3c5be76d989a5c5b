import { setCurrentDetails } from '@temporalio/workflow';

import type { ActionOverview } from '../src/domain/lifecycles/corporate-actions/action-overview';
import type { CorporateActionKey } from './action-contract';
import { createOverdueAttributes } from './ui-details';
import { plain } from './ui-text';

/** The details of the flow of a whole corporate action in the Temporal UI. */
export interface ActionDetails {
  show(overview: ActionOverview): void;
  /** Adds a line that stays, for what should never happen. */
  warn(line: string): void;
}

/** The details of one corporate action, empty before its first round. */
export function createActionDetails(action: CorporateActionKey): ActionDetails {
  const overdue = createOverdueAttributes();
  let warnings: readonly string[] = [];
  return {
    warn(text) {
      warnings = [...warnings, `- **warning**: ${plain(text)}`].slice(-5);
    },
    show(overview) {
      setCurrentDetails([describeAction(action, overview), ...warnings].join('\n'));
      const finding = overview.unreachable > 0 ? 'unreachable' : null;
      overdue.set(overview.overdue > 0 ? { finding, waitingFor: waitingFor(overview), dueAt: null } : null);
    },
  };
}

/** One word, by which the runbook's queries list flows: an answer is owed before money is. */
function waitingFor({ broken, unverified }: ActionOverview): readonly string[] {
  return [broken + unverified > 0 ? 'answer' : 'obligation'];
}

/** The text that the Temporal UI shows of a corporate action, in Markdown; a list, because tables have no borders there. */
export function describeAction({ partner, id }: CorporateActionKey, overview: ActionOverview): string {
  const { sets, complete, unverified, broken, settling, waitingForMoney, overdue, unreachable } = overview;
  return [
    `### ${plain(partner)} corporate action ${plain(id)}`,
    '',
    `- sets: **${sets}**, one for each holder`,
    `- complete: **${complete}**`,
    `- unverified: **${unverified}**`,
    `- broken: **${broken}**${kindsOf(overview)}`,
    `- waiting for money: **${waitingForMoney}**`,
    ...line('not judged yet', settling),
    ...line('overdue', overdue),
    ...line('the partner could not be asked for', unreachable),
    `- all of them: \`partnerflow corporate-action ${plain(id)}\`; what to do: docs/runbook.md, break and unverified`,
    ...worstLines(overview),
  ].join('\n');
}

function line(name: string, count: number): readonly string[] {
  return count === 0 ? [] : [`- ${name}: **${count}**`];
}

function kindsOf({ breaks }: ActionOverview): string {
  const words = breaks.map(({ kind, sets }) => `${kind} ${sets}`);
  return words.length === 0 ? '' : `: ${words.join(', ')}`;
}

function worstLines({ worst }: ActionOverview): readonly string[] {
  if (worst.length === 0) return [];
  const lines = worst.map(({ userId, verdict, words }) =>
    `- ${plain(userId)}: **${verdict}** ${plain(words)}`.trimEnd(),
  );
  return ['', '#### The worst sets', ...lines];
}
