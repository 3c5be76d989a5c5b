import type { Logger } from 'pino';

import type { FlowStarter } from '../temporal/flow-client';
import { failureOf } from '../temporal/errors';
import type { DispatchWatch } from '../dispatch/watch';
import type { Claim } from '../store/deliveries/due';
import type { DeliveryDecision } from '../store/deliveries/claims';
import type { DispatchMetrics } from './dispatch-metrics';
import { underTrace } from './flow-traces';
import type { OpenSpan, SpanAttributes, Tracing } from './tracing';

/** Watch on dispatch, and flows whose signals are counted and carry the trace of their delivery. */
export interface WatchedDispatch {
  readonly watch: DispatchWatch;
  readonly flows: (flows: FlowStarter) => FlowStarter;
}

interface Watched {
  readonly metrics: DispatchMetrics;
  readonly tracing: Tracing;
  readonly logger: Logger;
}

/** Watch that measures, traces and logs the decisions of dispatch. */
export function createDispatchWatch({ metrics, tracing, logger }: Watched): WatchedDispatch {
  /** Spans of the deliveries under way. That of a delivery that goes back is never ended: the next try begins a new one. */
  const spans = new Map<string, OpenSpan>();
  const begin = (claim: Claim): void => {
    const attributes = {
      'partnerflow.delivery_id': claim.id,
      'partnerflow.partner': claim.partner,
      'partnerflow.attempt': claim.attempts,
    };
    const span = tracing.start('dispatch', { kind: 'consumer', parent: claim.traceparent, attributes });
    if (span !== null) spans.set(claim.id, span);
  };
  const end = (decision: DeliveryDecision): void => {
    const { claim, status } = decision;
    metrics.decided(claim.partner, status, (Date.now() - claim.receivedAt.getTime()) / 1_000);
    log(logger, decision, spans.get(claim.id));
    spans.get(claim.id)?.end(attributesOf(decision));
  };
  return {
    watch: {
      claimed: (claims) => claims.forEach(begin),
      recorded: (decisions, understood) => {
        decisions.forEach(end);
        for (const { claim, event, unread = [] } of understood)
          if (event !== null) metrics.understood(claim.partner, event, unread);
      },
      returned: (returned, reason) => {
        for (const { claim, problem } of returned) {
          const { id: deliveryId, partner, refusals } = claim;
          metrics.retried(partner, reason);
          // Bodies without a key are logged together: one key is missing for all of them.
          if (problem === null || problem.path === 'body-key') continue;
          const cause = { path: problem.path, failure: problem.found };
          logger.warn(
            { deliveryId, partner, tries: refusals + 1, ...cause },
            'a delivery failed by itself, tried again',
          );
        }
      },
      ended: (claims) => {
        for (const { id } of claims) spans.delete(id);
      },
    },
    flows: (flows) => ({
      ...flows,
      signalWithStart: async (address, notification) => {
        const { partner } = address.key;
        const span = spans.get(notification.deliveryId);
        const send = (): Promise<string> => flows.signalWithStart(address, notification);
        try {
          const runId = span === undefined ? await send() : await underTrace(span.traceparent, send);
          metrics.signalled(partner, 'taken');
          return runId;
        } catch (error) {
          metrics.signalled(partner, failureOf(error));
          throw error;
        }
      },
    }),
  };
}

function log(logger: Logger, decision: DeliveryDecision, span: OpenSpan | undefined): void {
  const { claim, workflowId, status } = decision;
  const trace = span === undefined ? {} : { traceId: span.traceId };
  const fields = { deliveryId: claim.id, partner: claim.partner, event: eventOf(decision), workflowId, ...trace };
  if (decision.status === 'parked') {
    logger.warn(fields, 'parked: waits for somebody to retry it');
  } else logger.debug({ ...fields, status }, 'decided');
}

/** Event of a delivery. That of a parked one is left out, because it may be any word from the body. */
function eventOf({ event, status }: DeliveryDecision): string | null {
  return status === 'parked' ? null : event;
}

function attributesOf(decision: DeliveryDecision): SpanAttributes {
  const { workflowId, status } = decision;
  return {
    'partnerflow.event': eventOf(decision),
    'partnerflow.workflow_id': workflowId,
    'partnerflow.status': status,
    ...(decision.status === 'delivered' ? { 'partnerflow.outcome': decision.outcome } : {}),
  };
}
