import { execFileSync } from 'node:child_process';

/** Zones that are hours from UTC on both sides, with and without a change of clocks. */
export const ZONES = ['America/New_York', 'Europe/Vienna', 'Pacific/Kiritimati'] as const;

/** Compiles what it requires; a process of its own has no jest around it. */
const REGISTER = `
const { transformFileSync } = require('@swc/core');
const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } };
require('node:module')._extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, options).code, file);
`;

/**
 * What an expression gives in a process whose time zone is another one; `module` names the module that it speaks of. The
 * zone of a process that runs already cannot be changed for certain.
 */
export function inZone(zone: string, modulePath: string, expression: string): unknown {
  const script = `${REGISTER}
const module_ = require(${JSON.stringify(modulePath)});
process.stdout.write(JSON.stringify(((module) => ${expression})(module_)));`;
  const environment = { ...process.env, TZ: zone };
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { env: environment, encoding: 'utf8' }));
}
