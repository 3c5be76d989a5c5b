import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';

import { acceptanceFor } from '../../domain/authenticity';
import { errorCode } from '../../domain/error-code';
import type { Partner } from '../../domain/partner';
import type { AddressList, Authentication, IncomingRequest, PartnerReception } from '../../partners/authentication';
import { CLIENT_ADDRESS, fingerprintHeaders, redactHeaders } from '../../partners/kept-headers';
import { type Appender, AppendError } from '../../store/deliveries/append';
import type { RejectionRecorder } from '../../store/deliveries/rejections';
import { NOT_TRACING, type OpenSpan, type Tracing } from '../../telemetry/tracing';
import { answer, answerEarly } from '../server/answer';
import { addressOf } from '../server/client-address';
import { type HeaderPairs, headerPairs } from '../server/headers';
import type { ReceiverMetrics } from '../../telemetry/receiver-metrics';
import { type BodyBudget, readRawBody } from '../server/raw-body';
import { type WebhookRoute, webhookRouteOf, type WebhookTarget, webhookTargetOf } from './routes';

/** The parts and settings of reception; a partner that is not named is off. */
export interface ReceiverOptions {
  readonly partners: ReadonlyMap<Partner, PartnerReception>;
  readonly appender: Appender;
  readonly rejections: RejectionRecorder;
  readonly bodyLimitBytes: number;
  readonly bodyTimeoutMs: number;
  readonly budget: BodyBudget;
  /** Proxies whose `X-Forwarded-For` is believed; null or absent: none. */
  readonly trustedProxies?: AddressList | null;
  /** The address that partners sign; null takes scheme and Host as received. */
  readonly publicUrl: string | null;
  /** Called after each commit: dispatch may look. */
  readonly onAppended: (partner: Partner) => void;
  readonly logger: Logger;
  readonly metrics: ReceiverMetrics;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing;
}

/** Whole seconds. */
const RETRY_LATER = { 'Retry-After': '5' };
const LARGEST_RAW_REJECTION_BYTES = 65_536;

const FROM_ELSEWHERE: Authentication = { ok: false, reason: 'address', credentialPresent: true };

interface Received {
  readonly route: WebhookRoute;
  readonly request: IncomingRequest;
  readonly response: ServerResponse;
  readonly startedMs: number;
  /** Null where the partner may send from everywhere. */
  readonly clientAddress: string | null;
}

/** With the target where it is signed, under the names it has in signatures; no header can be called so. */
function withTarget(
  reception: PartnerReception,
  request: IncomingRequest,
  pairs: HeaderPairs,
  targetUri = request.publicOrigin + request.url,
): HeaderPairs {
  if (reception.signsTarget !== true) return pairs;
  const { requestTarget } = request;
  const asSent: HeaderPairs = requestTarget === undefined ? [] : [['@request-target', requestTarget]];
  return [...pairs, ['@target-uri', targetUri], ...asSent];
}

async function refuse(
  options: ReceiverOptions,
  received: Received,
  verdict: Extract<Authentication, { ok: false }>,
): Promise<void> {
  const { route, request, response } = received;
  const { reception } = route;
  const keepsRaw = verdict.credentialPresent && request.body.length <= LARGEST_RAW_REJECTION_BYTES;
  const digests = fingerprintHeaders(request.rawHeaders, reception.credentialHeaders);
  const address: HeaderPairs = received.clientAddress === null ? [] : [[CLIENT_ADDRESS, received.clientAddress]];
  const visible = [...withTarget(reception, request, digests), ...address];
  await options.rejections.record({
    at: new Date(request.receivedAtMs),
    partner: route.partner,
    route: route.route,
    reason: verdict.reason,
    bodySha256: hash('sha256', request.body, 'buffer'),
    bodyBytes: request.body.length,
    rawJson: keepsRaw ? JSON.stringify({ headers: visible, bodyBase64: request.body.toString('base64') }) : null,
  });
  options.metrics.refused(route.partner, 401);
  answer(response, 401);
}

/** Begins a trace of our own: whoever sends us one may be named in it, and cannot put us into theirs. */
function startSpan({ tracing = NOT_TRACING }: ReceiverOptions, received: Received, id: string): OpenSpan | null {
  const { route, request, startedMs } = received;
  if (tracing === NOT_TRACING) return null;
  const links = request.rawHeaders.flatMap(([name, value]) => (name.toLowerCase() === 'traceparent' ? [value] : []));
  return tracing.start('receive', {
    kind: 'server',
    parent: null,
    links: links.slice(0, 1),
    startedAtMs: Date.now() - (performance.now() - startedMs),
    attributes: { 'partnerflow.delivery_id': id, 'partnerflow.partner': route.partner },
  });
}

async function keep(
  options: ReceiverOptions,
  received: Received,
  verdict: Extract<Authentication, { ok: true }>,
): Promise<void> {
  const { route, request, response } = received;
  const { reception } = route;
  const id = uuidv7();
  const span = startSpan(options, received, id);
  const trace = span === null ? {} : { traceId: span.traceId };
  const redacted = redactHeaders(request.rawHeaders, reception.credentialHeaders);
  try {
    await options.appender.append({
      id,
      partner: route.partner,
      route: route.route,
      receivedAt: new Date(request.receivedAtMs),
      source: 'webhook',
      headersJson: JSON.stringify(withTarget(reception, request, redacted, verdict.targetUri)),
      body: request.body,
      bodySha256: hash('sha256', request.body, 'buffer'),
      verdict: verdict.verdict,
      credentialFingerprint: verdict.fingerprint,
      traceparent: span?.traceparent ?? null,
    });
  } catch (error) {
    options.metrics.refused(route.partner, 503);
    const failure = error instanceof AppendError ? error.message : errorCode(error);
    options.logger.error(
      { deliveryId: id, partner: route.partner, failure, ...trace },
      'a delivery was not kept: the partner is told to send it again',
    );
    answer(response, 503, RETRY_LATER);
    span?.end({}, failure);
    return;
  }
  options.metrics.kept(route.partner, (performance.now() - received.startedMs) / 1000);
  options.onAppended(route.partner);
  if (acceptanceFor(verdict.verdict) === 'observed')
    options.logger.warn({ deliveryId: id, partner: route.partner, verdict: verdict.verdict }, 'kept, only observed');
  if (options.logger.isLevelEnabled('debug'))
    options.logger.debug({ deliveryId: id, partner: route.partner, ...trace }, 'kept');
  answer(response, 200, { 'Delivery-Id': id });
  span?.end();
}

function publicOriginOf(request: IncomingMessage, origin: string | null, publicUrl: string | null): string {
  return publicUrl ?? origin ?? `http://${request.headers.host ?? ''}`;
}

async function receive(
  options: ReceiverOptions,
  target: WebhookTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = performance.now();
  const route = webhookRouteOf(target.url, options.partners);
  if (route === null) {
    answerEarly(request, response, 404);
    return;
  }
  if (request.method !== 'POST') {
    answerEarly(request, response, 405, { Allow: 'POST' });
    return;
  }
  const raw = await readRawBody(request, {
    limitBytes: options.bodyLimitBytes,
    timeoutMs: options.bodyTimeoutMs,
    budget: options.budget,
  });
  if (raw.kind === 'gone') return;
  if (raw.kind === 'refused') {
    options.metrics.refused(route.partner, raw.status);
    answerEarly(request, response, raw.status, raw.status === 503 ? RETRY_LATER : {});
    return;
  }
  const sent = request.url ?? '';
  const incoming: IncomingRequest = {
    method: request.method,
    url: target.url,
    ...(sent === target.url ? {} : { requestTarget: sent }),
    rawHeaders: headerPairs(request),
    body: raw.body,
    receivedAtMs: Date.now(),
    publicOrigin: publicOriginOf(request, target.origin, options.publicUrl),
  };
  const { addresses } = route.reception;
  const clientAddress = addresses === undefined ? null : addressOf(request, options.trustedProxies ?? null);
  const received = { route, request: incoming, response, startedMs, clientAddress };
  const judged = await route.reception.authenticate(incoming);
  // After the credential: a list that was set wrongly must not lose what is right but for its address.
  const isFromElsewhere = judged.ok && clientAddress !== null && addresses?.has(clientAddress) === false;
  const verdict = isFromElsewhere ? FROM_ELSEWHERE : judged;
  if (verdict.ok) await keep(options, received, verdict);
  else await refuse(options, received, verdict);
}

/**
 * The middleware that keeps what is authentic before it responds with 200, and decodes nothing. It handles
 * `/webhooks/…` itself, by Node's own response.
 */
export function createReceiver(options: ReceiverOptions): Middleware {
  return async (context, next) => {
    const target = webhookTargetOf(context.req.url ?? '', options.publicUrl);
    if (target === null) {
      await next();
      return;
    }
    context.respond = false;
    try {
      await receive(options, target, context.req, context.res);
    } catch (error) {
      // Whatever went wrong, the delivery is not known to be kept, and the partner has to see a failure.
      options.logger.error({ failure: errorCode(error) }, 'receiving failed');
      const partner = webhookRouteOf(target.url, options.partners)?.partner;
      if (partner !== undefined) options.metrics.refused(partner, 503);
      if (!context.res.headersSent) answerEarly(context.req, context.res, 503, RETRY_LATER);
    }
  };
}
