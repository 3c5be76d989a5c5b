import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';

import { readConfiguration } from '../support/partners';
import { fillIn, readComposeServices } from '../../src/development/topology/compose-file';
import { knownVariables } from '../support/known-variables';

const COMPOSE = 'docker-compose.yml';
const text = readFileSync(COMPOSE, 'utf8');
const { services }: { services: Record<string, any> } = parse(text, { merge: true });
const ours = readComposeServices(COMPOSE);

/** What a deployment on one machine has no use for: keys to a server elsewhere, and the codec server, which an operator starts. */
const NOT_PASSED = new Set([
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS_*',
  'TEMPORAL_PROFILE',
  'CODEC_SERVER_HOST',
  'CODEC_SERVER_PORT',
]);

describe('docker-compose.yml', () => {
  it('has no fault that its schema or its linter finds', () => {
    const bin = resolve('node_modules/dclint/bin/dclint.cjs');
    const { status, stdout } = spawnSync(
      process.execPath,
      [bin, '-c', '.ci/dclint.json', '--max-warnings', '0', COMPOSE],
      {
        encoding: 'utf8',
      },
    );
    expect([stdout.trim(), status]).toEqual(['', 0]);
  });

  it('is checked by a linter that does find faults', () => {
    const folder = mkdtempSync(join(tmpdir(), 'partnerflow-compose-'));
    const broken = join(folder, COMPOSE);
    writeFileSync(broken, text.replace('read_only: true', 'read_onli: true'));
    const bin = resolve('node_modules/dclint/bin/dclint.cjs');
    const { status, stdout } = spawnSync(process.execPath, [bin, '-c', '.ci/dclint.json', broken], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stdout).toContain('invalid-schema');
  });

  it('describes everything that is needed, started in the order in which it is', () => {
    expect(Object.keys(services).sort()).toEqual([
      'dispatcher-1',
      'dispatcher-2',
      'postgres',
      'receiver-1',
      'receiver-2',
      'setup',
      'temporal',
      'temporal-postgres',
      'temporal-schema',
      'temporal-ui',
      'worker-1',
      'worker-2',
    ]);
    for (const name of ['receiver-1', 'receiver-2', 'dispatcher-1', 'dispatcher-2', 'worker-1', 'worker-2'])
      expect(services[name].depends_on).toEqual({ setup: { condition: 'service_completed_successfully' } });
    expect(Object.keys(services.setup.depends_on)).toEqual(['postgres', 'temporal']);
  });

  it('runs what is ours without privileges, on a file system it cannot write, restarted and given time to stop', () => {
    for (const { name } of ours) {
      const { read_only, cap_drop, security_opt } = services[name];
      expect([read_only, cap_drop, security_opt]).toEqual([true, ['ALL'], ['no-new-privileges:true']]);
    }
    const graces = new Map(ours.map(({ name, stopGraceMs }) => [name, stopGraceMs]));
    expect(graces.get('worker-1')).toBeGreaterThan(25_000);
    for (const name of ['receiver-1', 'dispatcher-1', 'worker-1', 'postgres', 'temporal'])
      expect([services[name].restart, services[name].healthcheck === undefined]).toEqual(['unless-stopped', false]);
  });

  it('opens every port to this machine alone', () => {
    const ports = Object.values(services).flatMap(({ ports: opened = [] }) => opened);
    expect(ports.length).toBeGreaterThan(4);
    expect(ports.filter((port) => !String(port).startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('holds no secret: every word of one comes from outside, and none has a default', () => {
    const secret = /(PASSWORD|PWD|SECRET|SECRETS|TOKENS|TOKEN|HEADERS|KEYS|KEY)$/;
    const values = Object.values(services).flatMap(({ environment = {} }) =>
      Object.entries<string>(environment).filter(([name]) => secret.test(name)),
    );
    expect(values.length).toBeGreaterThan(8);
    expect(values.filter(([, value]) => !/^\$\{\w+:(-|\?[^}]*)\}$/.test(value))).toEqual([]);
  });

  it('refuses to start without a password, by name', () => {
    expect(() => fillIn(services.postgres.environment.POSTGRES_PASSWORD, {})).toThrow(
      /^POSTGRES_PASSWORD: set a password/,
    );
    expect(fillIn('${A:-b} ${C} ${D:-}', { C: 'c' })).toBe('b c ');
  });

  it('hands over every variable there is, to whoever needs it, and none that nobody reads', () => {
    const passed = new Set(ours.flatMap(({ environment }) => Object.keys(environment)));
    const known = knownVariables();
    expect([...passed].filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !passed.has(name) && !NOT_PASSED.has(name))).toEqual([]);
  });

  it('is a configuration that starts: with nothing but passwords set no variable is bad', () => {
    for (const { name, command, environment } of ours) {
      const filled = Object.fromEntries(
        Object.entries(environment).map(([key, value]) => [key, fillIn(value, { POSTGRES_PASSWORD: 'abc' })]),
      );
      const [word] = command;
      const as = word === 'receive' || word === 'dispatch' || word === 'work' || word === 'setup' ? word : 'operate';
      expect([name, readConfiguration(filled, as).databaseUrl]).toEqual([
        name,
        'postgresql://partnerflow:abc@postgres:5432/partnerflow',
      ]);
    }
  });
});

describe('.env.example', () => {
  const lines = readFileSync('.env.example', 'utf8').split('\n');
  const names = lines.flatMap((line) => /^#?([A-Z][A-Z_*]+)=/.exec(line)?.[1] ?? []);

  it('names every variable that is read, each once, and none that is not', () => {
    const ofCompose = Array.from(text.matchAll(/(?<!\$)\$\{(\w+)/g), ([, name]) => name ?? '');
    const expected = new Set([...knownVariables(), ...ofCompose]);
    expected.delete('TEMPORAL_PROFILE');
    expect([...names].sort()).toEqual([...expected].sort());
  });

  it('has no value for any of them', () => {
    expect(lines.filter((line) => /^#?[A-Z][A-Z_*]+=./.test(line))).toEqual([]);
  });

  it('is told to nobody once it is filled in', () => {
    expect(readFileSync('.gitignore', 'utf8').split('\n')).toContain('.env');
    expect(
      readFileSync('.dockerignore', 'utf8')
        .split('\n')
        .filter((line) => /^!.*env/.test(line)),
    ).toEqual([]);
  });
});

describe('Dockerfile', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const joined = dockerfile.replace(/\\\n\s*/g, '').split('\n');
  const instructions = (word: string): string[] =>
    joined.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  it('has no fault that its linter finds', () => {
    const found = validate(dockerfile).filter(({ severity }) => severity !== undefined);
    expect(found).toEqual([]);
    expect(validate('FROM node\nRUNN x')).not.toEqual([]);
  });

  it('is built in stages, and runs as nobody of importance, with production dependencies alone', () => {
    expect(instructions('FROM')).toHaveLength(3);
    expect(instructions('USER')).toEqual(['node']);
    expect(
      instructions('RUN')
        .filter((run) => run.includes('npm ci'))
        .every((run) => run.includes('--ignore-scripts')),
    ).toBe(true);
    expect(instructions('RUN').some((run) => run.includes('--omit=dev'))).toBe(true);
    expect(instructions('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(instructions('HEALTHCHECK')).toHaveLength(1);
  });

  it('copies only what .dockerignore lets through, all of which is there', () => {
    const allowed = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .flatMap((line) => /^!(.+)/.exec(line)?.[1] ?? []);
    const copied = instructions('COPY')
      .filter((words) => !words.startsWith('--from'))
      .flatMap((words) => words.split(' ').slice(0, -1));
    expect([...new Set(copied)].sort()).toEqual([...allowed].sort());
    for (const path of allowed) expect([path, existsSync(path)]).toEqual([path, true]);
  });

  it('names as version of Node the one that package.json asks for', () => {
    const { engines }: { engines: { node: string } } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const image of instructions('FROM')) expect(`>=${image.split(/[:-]/)[1] ?? ''}`).toBe(engines.node);
  });
});
