import type { Logger } from 'pino';

import type { FlowStarter } from '../temporal/flow-client';
import { failureOf } from '../temporal/errors';
import type { DispatchWatch } from '../dispatch/watch';
import type { Claim, DeliveryDecision } from '../store/deliveries/claims';
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
  /** Spans by delivery. A span whose delivery is released is never ended, and the next attempt begins a new one. */
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
      claimed: (claims) => {
        spans.clear();
        claims.forEach(begin);
      },
      recorded: (decisions) => decisions.forEach(end),
      returned: (claims, reason) => {
        for (const { id, partner, refusals } of claims) {
          metrics.retried(partner, reason);
          if (reason === 'refused')
            logger.warn(
              { deliveryId: id, partner, refusals: refusals + 1 },
              'Temporal refused a delivery, tried again',
            );
        }
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
