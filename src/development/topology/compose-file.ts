import { readFileSync } from 'node:fs';

import * as t from 'io-ts';
import { parse } from 'yaml';

import { decode } from '../../codecs/decode';
import { DevelopmentServerError } from '../guarded-process';

/** Service of our image as the compose file describes it, its variables not yet filled in. */
export interface ComposeService {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** True where it ends by itself, and the others wait for that. */
  readonly isOneShot: boolean;
  /** URL of its health check, inside its container; null where it has none. */
  readonly healthUrl: string | null;
  readonly stopGraceMs: number;
  /** True where it starts only when its profile is asked for. */
  readonly isOptional: boolean;
}

const Service = t.intersection([
  t.type({ image: t.string }),
  t.partial({
    command: t.array(t.string),
    environment: t.record(t.string, t.string),
    restart: t.string,
    stop_grace_period: t.string,
    profiles: t.array(t.string),
    healthcheck: t.partial({ test: t.array(t.string) }),
  }),
]);

const ComposeFile = t.type({ services: t.record(t.string, Service) });

/** Services that run our image, in the order of the file. Throws where the file has an unexpected shape. */
export function readComposeServices(path: string): readonly ComposeService[] {
  return Object.entries(decodedFile(path, ComposeFile).services).flatMap(([name, service]) => {
    if (!service.image.startsWith('partnerflow:')) return [];
    return {
      name,
      command: service.command ?? [],
      environment: service.environment ?? {},
      isOneShot: service.restart?.startsWith('on-failure') ?? false,
      healthUrl: service.healthcheck?.test?.find((word) => word.startsWith('http://')) ?? null,
      stopGraceMs: graceMsOf(service.stop_grace_period),
      isOptional: (service.profiles ?? []).length > 0,
    };
  });
}

/** Version of the Temporal server that the compose file runs, and its dynamic configuration as YAML. */
export interface TemporalServerSettings {
  readonly version: string;
  readonly dynamicConfiguration: string;
}

const TemporalComposeFile = t.type({
  services: t.type({ temporal: t.type({ image: t.string }) }),
  configs: t.type({ temporal: t.type({ content: t.string }) }),
});

/** Temporal server of the compose file. Throws where the file has an unexpected shape. */
export function readTemporalServer(path: string): TemporalServerSettings {
  const { services, configs } = decodedFile(path, TemporalComposeFile);
  const version = /:(\d+\.\d+\.\d+)$/.exec(services.temporal.image)?.[1];
  if (version === undefined) {
    const found = services.temporal.image;
    throw new DevelopmentServerError(`${path}: services.temporal.image: expected a version, found ${found}`);
  }
  return { version, dynamicConfiguration: configs.temporal.content };
}

function decodedFile<Content>(path: string, codec: t.Type<Content, unknown>): Content {
  const decoded = decode(codec, parse(readFileSync(path, 'utf8'), { merge: true }));
  if (decoded.ok) return decoded.value;
  const { path: field, expected, found } = decoded.problem;
  throw new DevelopmentServerError(`${path}: ${field}: expected ${expected}, found ${found}`);
}

const DEFAULT_GRACE_MS = 10_000;

function graceMsOf(text: string | undefined): number {
  const seconds = /^(\d+)s$/.exec(text ?? '')?.[1];
  return seconds === undefined ? DEFAULT_GRACE_MS : Number(seconds) * 1_000;
}

const VARIABLE = /\$\{(\w+)(?::([-?])([^}]*))?\}/g;

/**
 * Text with `${NAME}`, `${NAME:-default}` and `${NAME:?message}` filled in as Compose does. Throws where a required
 * variable is not set.
 */
export function fillIn(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  return text.replace(VARIABLE, (_whole, name: string, kind: string | undefined, rest: string | undefined) => {
    const value = variables[name] ?? '';
    if (value !== '') return value;
    if (kind === '?') throw new DevelopmentServerError(`${name}: ${rest ?? 'has to be set'}`);
    return rest ?? '';
  });
}
