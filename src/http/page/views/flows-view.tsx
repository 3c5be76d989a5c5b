import type { VNode } from 'preact';

import { FOLLOWED_LIFECYCLES } from '../../../domain/lifecycle';
import type { Partner } from '../../../domain/partner';
import type { FlowItem } from '../../../store/flows/list';
import { addresses } from './addresses';
import { flowColumns } from './flow-parts';
import { tickColumn, TickedForm } from './ticked-flows';
import { allOr, Choice, FilterForm, type PageLinks, Pages, Table, WindowFields, type WindowShown } from './parts';

/** Choices of flows to list. */
export const FLOW_CHOICES = ['overdue', 'open', 'ended'] as const;
/** One of `FLOW_CHOICES`. */
export type FlowChoice = (typeof FLOW_CHOICES)[number];

const CHOICE_WORDS: Readonly<Record<FlowChoice, { readonly shown: string; readonly caption: string }>> = {
  overdue: { shown: 'overdue', caption: 'Overdue flows, what has waited longest first' },
  open: { shown: 'open', caption: 'Open flows, newest first' },
  ended: { shown: 'not open', caption: 'Flows that ended or rest, newest first' },
};

/** The content of the listing of flows. */
export interface FlowsShown extends PageLinks {
  readonly show: FlowChoice;
  readonly partner?: string | undefined;
  /** Those there are. */
  readonly partners: readonly Partner[];
  readonly lifecycle?: string | undefined;
  readonly window: WindowShown;
  readonly flows: readonly FlowItem[];
  readonly now: Date;
  readonly formToken: string;
}

function Filters({ show, partner, partners, lifecycle, window }: FlowsShown): VNode {
  return (
    <FilterForm to={addresses.flows}>
      <Choice
        name="show"
        label="Show"
        options={FLOW_CHOICES.map((choice) => [choice, CHOICE_WORDS[choice].shown])}
        chosen={show}
      />
      <Choice name="partner" label="Partner" options={allOr(partners)} chosen={partner} />
      <Choice name="lifecycle" label="Lifecycle" options={allOr(FOLLOWED_LIFECYCLES)} chosen={lifecycle} />
      <WindowFields window={window} />
    </FilterForm>
  );
}

/** A form that finds one flow by its id, as an alert names it. */
export function FindForm(): VNode {
  return (
    <form class="row" method="get" action={addresses.find} role="search" aria-label="One flow">
      <div class="wide">
        <label for="find">Workflow id</label>
        <input id="find" name="id" required maxLength={1_000} autocomplete="off" />
      </div>
      <button type="submit">Find</button>
    </form>
  );
}

function Listed({ flows, formToken, show, now }: FlowsShown): VNode {
  const tick = tickColumn(({ workflowId }: FlowItem) => workflowId);
  const columns = show === 'ended' ? flowColumns(now) : [tick, ...flowColumns(now)];
  const table = <Table caption={CHOICE_WORDS[show].caption} columns={columns} rows={flows} none="There are none." />;
  if (show === 'ended') return table;
  return (
    <TickedForm count={flows.length} formToken={formToken}>
      {table}
    </TickedForm>
  );
}

/** The listing of flows, with the actions on many. */
export function FlowsView(shown: FlowsShown): VNode {
  return (
    <>
      <FindForm />
      <Filters {...shown} />
      <Listed {...shown} />
      <Pages next={shown.next} first={shown.first} />
    </>
  );
}
