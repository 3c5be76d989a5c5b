import { allHandlersFinished, continueAsNew, workflowInfo } from '@temporalio/workflow';

import type { NextStep } from '../src/domain/lifecycles/next-step';
import type { FlowInput, FlowStatus } from './contract';
import type { FlowState } from './flow-state';

/**
 * True for a step of a flow that has a long history and does not come to wait, where it would go on in a new run: its
 * history would grow until the server ends it.
 */
export function isBusyTooLong({ goesNewWay }: FlowState, { kind }: NextStep): boolean {
  const isBusy = (kind === 'read' || kind === 'handle recurrence') && allHandlersFinished();
  return isBusy && workflowInfo().continueAsNewSuggested && goesNewWay('continues-when-busy');
}

/** The end of a run whose row holds all it knows, and the beginning of the next. */
export function continueInNewRun(flow: NextRun): Promise<never> {
  return continueAsNew<(input: FlowInput) => Promise<FlowStatus>>(nextInput(flow));
}

interface NextRun {
  readonly state: FlowState;
  readonly input: FlowInput;
}

/** A delivery is sent twice within a lease, never after thousands of others; all of them would outgrow an input. */
const MOST_CARRIED = 2_000;

function nextInput({ state, input }: NextRun): FlowInput {
  const { rules, subject, version, foldedDeliveries, deeds, unkeptActions } = state;
  const { unkeptActions: keptSince, expectation: told, ...same } = input;
  return {
    ...same,
    policy: rules.policy,
    stored: { subject, version },
    expectedBy: null,
    foldedDeliveries: [...foldedDeliveries].slice(-MOST_CARRIED),
    ...(deeds.length === 0 ? {} : { deeds }),
    ...(unkeptActions.length === 0 ? {} : { unkeptActions }),
  };
}
