import { readFileSync } from 'node:fs';

import * as t from 'io-ts';
import { parse } from 'yaml';

import { decode } from '../../codecs/decode';
import { DevelopmentServerError } from '../guarded-process';

const Service = t.intersection([
  t.type({ image: t.string }),
  t.partial({
    command: t.array(t.string),
    environment: t.record(t.string, t.string),
    restart: t.string,
    stop_grace_period: t.string,
    healthcheck: t.partial({ test: t.array(t.string) }),
  }),
]);

const ComposeFile = t.type({ services: t.record(t.string, Service) });

/** A service of ours as the compose file describes it, its variables still to be filled in. */
export interface ComposeService {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** It ends by itself, and the others wait for that. */
  readonly isOneShot: boolean;
  /** The URL its health check asks, inside its container; null where it has none. */
  readonly healthUrl: string | null;
  readonly stopGraceMs: number;
}

const DEFAULT_GRACE_MS = 10_000;

function graceMsOf(text: string | undefined): number {
  const seconds = /^(\d+)s$/.exec(text ?? '')?.[1];
  return seconds === undefined ? DEFAULT_GRACE_MS : Number(seconds) * 1_000;
}

/** The services that run our image, in the order of the file. Throws where it has another shape than is expected here. */
export function readComposeServices(path: string): readonly ComposeService[] {
  const content: unknown = parse(readFileSync(path, 'utf8'), { merge: true });
  const decoded = decode(ComposeFile, content);
  if (!decoded.ok) {
    const { path: field, expected, found } = decoded.problem;
    throw new DevelopmentServerError(`${path}: ${field}: expected ${expected}, found ${found}`);
  }
  return Object.entries(decoded.value.services).flatMap(([name, service]) => {
    if (!service.image.startsWith('partnerflow:')) return [];
    return {
      name,
      command: service.command ?? [],
      environment: service.environment ?? {},
      isOneShot: service.restart?.startsWith('on-failure') ?? false,
      healthUrl: service.healthcheck?.test?.find((word) => word.startsWith('http://')) ?? null,
      stopGraceMs: graceMsOf(service.stop_grace_period),
    };
  });
}

const VARIABLE = /\$\{(\w+)(?::([-?])([^}]*))?\}/g;

/** Fills in `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as Compose does. Throws for what has to be set and is not. */
export function fillIn(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  return text.replace(VARIABLE, (_whole, name: string, kind: string | undefined, rest: string | undefined) => {
    const value = variables[name] ?? '';
    if (value !== '') return value;
    if (kind === '?') throw new DevelopmentServerError(`${name}: ${rest ?? 'has to be set'}`);
    return rest ?? '';
  });
}
