import type { VNode } from 'preact';

import { isUuid } from '../../../domain/canonical-id';
import type { ActionItem, ShownAction } from '../../../store/audit';
import { addresses } from './addresses';
import { orDash, type PageLinks, Pages, Table, Time } from './parts';

/** The name of an operator's action with its details: seconds, a result. */
export function ActionDetails({ action }: { readonly action: Pick<ShownAction, 'action' | 'details'> }): VNode {
  const details = Object.entries(action.details).map(([name, value]) => `${name} ${value}`);
  return <span>{[action.action, ...details].join(', ')}</span>;
}

function Target({ target, action }: Pick<ActionItem, 'target' | 'action'>): VNode {
  if (action === 'retry' && isUuid(target)) return <a href={addresses.delivery(target)}>{target}</a>;
  return target.includes(':') ? <a href={addresses.flow(target)}>{target}</a> : <span>{target}</span>;
}

/** The listing of operators' actions: who, when, to what, and why. */
export function OperatorActionsView(props: PageLinks & { readonly actions: readonly ActionItem[] }): VNode {
  return (
    <>
      <Table
        caption="Newest first. Money passed on stands with the obligations."
        rows={props.actions}
        none="Nothing yet."
        columns={[
          { label: 'When', cell: ({ at }) => <Time at={at} /> },
          { label: 'Who', cell: ({ by }) => by },
          { label: 'What', cell: (action) => <ActionDetails action={action} /> },
          { label: 'To', cell: ({ target, action }) => <Target target={target} action={action} /> },
          { label: 'Why', cell: ({ reason }) => orDash(reason) },
        ]}
      />
      <Pages next={props.next} first={props.first} />
    </>
  );
}
