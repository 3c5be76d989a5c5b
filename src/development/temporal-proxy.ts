import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { temporal } from '@temporalio/proto';

/** A call to Temporal; `workflowId` of the flow that it starts or signals, null for any other call. */
export interface TemporalCall {
  /** The last word of the method's path, such as `SignalWithStartWorkflowExecution`. */
  readonly method: string;
  readonly workflowId: string | null;
}

/** A way in which a call goes wrong. */
export type TemporalFault =
  /** Answered with a gRPC code from 1 to 16; the server never hears of it. */
  | { readonly kind: 'refuse'; readonly code: number }
  /** Handed on only after a while. One whose caller has given up by then is not. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection ends, with all other calls on it; the server never hears of it. */
  | { readonly kind: 'cut' }
  /** The server does it, and the answer never arrives. */
  | { readonly kind: 'lose-answer' };

/** The faults of calls, null for one that is handed on as it is. */
export type FaultOf = (call: TemporalCall) => TemporalFault | null;

/** A running proxy of Temporal. */
export interface TemporalProxy {
  readonly address: string;
  /** From now on calls go wrong in this way. */
  use(faultOf: FaultOf): void;
  /** Number of calls that have started or signalled this flow so far, every try of a client's counted. */
  callsOf(workflowId: string): number;
  stop(): Promise<void>;
}

const UNHARMED: FaultOf = () => null;

/**
 * Proxy between a client and a Temporal server, which makes calls about chosen flows go wrong; development and tests
 * only. It hands on whole calls as bytes, so it passes whatever the server offers.
 */
export async function startTemporalProxy(serverAddress: string): Promise<TemporalProxy> {
  const callers = new Set<ServerHttp2Session>();
  const calls = new Map<string, number>();
  const upstream = createUpstream(serverAddress);
  let faultOf = UNHARMED;
  const handle = async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> => {
    const body = await buffer(stream);
    const call = callOf(headers[':path'] ?? '', body);
    if (call.workflowId !== null) calls.set(call.workflowId, (calls.get(call.workflowId) ?? 0) + 1);
    const fault = faultOf(call);
    if (fault?.kind === 'cut') cut(stream.session?.socket.remotePort ?? 0);
    else await pass(stream, () => upstream.request(headers), body, fault);
  };
  const server = createServer({ settings: SETTINGS });
  const sockets = new Map<number, Socket>();
  server.on('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });
  // Not by the session: destroyed amid its other streams it ends the whole process, with a memory error of Node 20.
  const cut = (port: number): void => void sockets.get(port)?.resetAndDestroy();
  server.on('session', (session) => {
    callers.add(session);
    session.once('close', () => callers.delete(session));
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.close(constants.NGHTTP2_CANCEL));
    handle(stream, headers).catch(() => {
      refuse(stream, UNAVAILABLE);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    address: `127.0.0.1:${String(port)}`,
    use: (wanted) => {
      faultOf = wanted;
    },
    callsOf: (workflowId) => calls.get(workflowId) ?? 0,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of callers) session.destroy();
      upstream.close();
      await closed;
    },
  };
}

/** A window that no body fills: a proxy that waits for room would be slower than what it stands before. */
const SETTINGS = { initialWindowSize: 16_777_216 };
const UNAVAILABLE = 14;

interface Upstream {
  request(headers: IncomingHttpHeaders): ClientHttp2Stream;
  close(): void;
}

/** One connection to the server, opened again after it broke. */
function createUpstream(serverAddress: string): Upstream {
  let session: ClientHttp2Session | null = null;
  const open = (): ClientHttp2Session => {
    const opened = connect(`http://${serverAddress}`, { settings: SETTINGS });
    opened.on('error', () => opened.destroy());
    return opened;
  };
  return {
    request(headers) {
      if (session === null || session.closed || session.destroyed) session = open();
      return session.request({ ...headers, ':authority': serverAddress });
    },
    close: () => session?.destroy(),
  };
}

const REQUESTS = temporal.api.workflowservice.v1;

/** The calls that name the flow which they start or signal. */
const NAMING: Readonly<Record<string, { decode(bytes: Uint8Array): { readonly workflowId?: string | null } }>> = {
  SignalWithStartWorkflowExecution: REQUESTS.SignalWithStartWorkflowExecutionRequest,
  StartWorkflowExecution: REQUESTS.StartWorkflowExecutionRequest,
};

/** Bytes before a message: whether it is compressed, which the SDK's are not, and its length. */
const FRAME_HEADER_BYTES = 5;

function callOf(path: string, body: Buffer): TemporalCall {
  const method = path.split('/').at(-1) ?? '';
  const named = NAMING[method]?.decode(body.subarray(FRAME_HEADER_BYTES));
  return { method, workflowId: named?.workflowId ?? null };
}

async function pass(
  caller: ServerHttp2Stream,
  request: () => ClientHttp2Stream,
  body: Buffer,
  fault: Exclude<TemporalFault, { kind: 'cut' }> | null,
): Promise<void> {
  switch (fault?.kind) {
    case 'refuse':
      refuse(caller, fault.code);
      return;
    case 'delay':
      await delay(fault.ms, undefined, { ref: false });
      if (!caller.closed) await answer(caller, request(), body);
      return;
    case 'lose-answer':
      await buffer(request().end(body));
      return;
    case undefined:
      await answer(caller, request(), body);
  }
}

function refuse(caller: ServerHttp2Stream, code: number): void {
  if (caller.closed || caller.destroyed || caller.headersSent) return;
  const status = { 'grpc-status': String(code), 'grpc-message': 'refused by the proxy' };
  caller.respond({ ':status': 200, 'content-type': 'application/grpc+proto', ...status }, { endStream: true });
}

/** Hands the call on and its answer back; a caller that gives up ends it at the server, too. */
async function answer(caller: ServerHttp2Stream, server: ClientHttp2Stream, body: Buffer): Promise<void> {
  const heard: { headers: IncomingHttpHeaders; trailers?: IncomingHttpHeaders } = { headers: {} };
  server.on('response', (headers) => (heard.headers = headers));
  server.on('trailers', (trailers: IncomingHttpHeaders) => (heard.trailers = trailers));
  caller.once('close', () => server.close(constants.NGHTTP2_CANCEL));
  const message = await buffer(server.end(body));
  const { headers, trailers } = heard;
  if (caller.closed || caller.destroyed) return;
  caller.respond(headers, trailers === undefined ? { endStream: true } : { waitForTrailers: true });
  if (trailers === undefined) return;
  caller.once('wantTrailers', () => caller.sendTrailers(trailers));
  caller.end(message);
}
