import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from 'pino';

import { errorCode } from '../domain/error-code';
import type { Partner } from '../domain/partner';
import { partnerOf, tracesOf } from './flow-traces';
import type { OpenSpan, Tracing } from './tracing';
import type { WorkerMetrics } from './worker-metrics';

interface Watched {
  readonly metrics: WorkerMetrics;
  readonly tracing: Tracing;
  readonly logger: Logger;
  readonly partners: readonly Partner[];
}

/**
 * Interceptor that counts each attempt of an activity, adds it to the traces of its deliveries, and logs what follows
 * a failure.
 */
export function createActivityWatch({ metrics, tracing, logger, partners }: Watched): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const { activityType: activity, attempt } = info;
        const workflowId = info.workflowExecution?.workflowId ?? null;
        const attributes = {
          'partnerflow.activity': activity,
          'partnerflow.attempt': attempt,
          'partnerflow.workflow_id': workflowId,
          'partnerflow.partner': partnerOf(workflowId ?? '', partners),
        };
        const traces = tracesOf(input.headers);
        // One span in the trace of every delivery that caused it, so that each trace is complete.
        const spans = traces.flatMap((parent): OpenSpan[] => {
          const links = traces.filter((one) => one !== parent);
          const span = tracing.start(`activity ${activity}`, { kind: 'consumer', parent, links, attributes });
          return span === null ? [] : [span];
        });
        try {
          const result = await next(input);
          metrics.tried(activity, attempt, 'done');
          for (const span of spans) span.end();
          return result;
        } catch (error) {
          const failure = failureOf(error);
          metrics.tried(activity, attempt, 'failed');
          for (const span of spans) span.end({}, failure);
          const traceId = spans[0] === undefined ? {} : { traceId: spans[0].traceId };
          const next = isFinal(error) ? 'its flow goes on without' : 'it is tried again';
          logger.warn({ workflowId, activity, attempt, failure, ...traceId }, `an activity failed, ${next}`);
          throw error;
        }
      },
    },
  });
}

/** Word of the table of failures, else the kind of error: the message may quote what was read. */
function failureOf(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.type ?? error.name;
  return errorCode(error);
}

function isFinal(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.nonRetryable === true;
}
