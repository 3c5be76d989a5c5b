import type { VNode } from 'preact';

import { isUuid } from '../../../domain/canonical-id';
import type { ActionItem, ShownAction } from '../../../store/audit';
import { addresses } from './addresses';
import { orDash, Pages, Table, Time } from './parts';

/** Details of an action, such as seconds or a result. */
export function ActionDetails({ deed }: { readonly deed: Pick<ShownAction, 'action' | 'details'> }): VNode {
  const details = Object.entries(deed.details).map(([name, value]) => `${name} ${value}`);
  return <span>{[deed.action, ...details].join(', ')}</span>;
}

function Target({ target, action }: Pick<ActionItem, 'target' | 'action'>): VNode {
  if (action === 'retry' && isUuid(target)) return <a href={addresses.delivery(target)}>{target}</a>;
  return target.includes(':') ? <a href={addresses.flow(target)}>{target}</a> : <span>{target}</span>;
}

/** Everything operators did: who, when, to what, and why. */
export function OperatorActionsView(props: {
  readonly deeds: readonly ActionItem[];
  readonly next: string | null;
  readonly first: string | null;
}): VNode {
  return (
    <>
      <Table
        caption="Newest first. Money passed on stands with the obligations."
        rows={props.deeds}
        none="Nothing yet."
        columns={[
          { label: 'When', cell: ({ at }) => <Time at={at} /> },
          { label: 'Who', cell: ({ by }) => by },
          { label: 'What', cell: (deed) => <ActionDetails deed={deed} /> },
          { label: 'To', cell: ({ target, action }) => <Target target={target} action={action} /> },
          { label: 'Why', cell: ({ reason }) => orDash(reason) },
        ]}
      />
      <Pages next={props.next} first={props.first} />
    </>
  );
}
