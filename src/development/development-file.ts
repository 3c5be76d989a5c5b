import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { SIMULATED_PARTNERS } from '../simulator';
import { DEVELOPMENT_FILE, type Stack } from './stack';

/** File with the addresses of a running stack, readable by its owner alone: it holds every secret of the run. */
export function writeDevelopmentFile(stack: Stack): void {
  const { configuration, credentials, simulators } = stack;
  const content = {
    receiverUrl: stack.receiver.url,
    operationsToken: credentials.operationsToken,
    databaseUrl: configuration.databaseUrl,
    temporalAddress: stack.temporalAddress,
    temporalUiUrl: stack.temporalUiUrl,
    bodyEncryptionKeys: keysJson(configuration.bodyKeys),
    referenceHashKey: configuration.referenceHashKey?.toString('base64') ?? null,
    ...Object.fromEntries([...credentials.partners].map(([name, { shown }]) => [name, shown])),
    alerts: configuration.alerts === null ? null : { secret: credentials.alertWebhookSecret },
    outbox: configuration.outcomes === null ? null : { secret: credentials.outboxWebhookSecret },
    simulators: Object.fromEntries(SIMULATED_PARTNERS.map(({ name }) => [name, simulators[name]?.url ?? null])),
  };
  mkdirSync(dirname(DEVELOPMENT_FILE), { recursive: true });
  rmSync(DEVELOPMENT_FILE, { force: true });
  writeFileSync(DEVELOPMENT_FILE, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  chmodSync(DEVELOPMENT_FILE, 0o600);
}

/**
 * Keys as `BODY_ENCRYPTION_KEYS` takes them, so that commands decrypt the bodies of the stack; null where there are
 * none.
 */
function keysJson(keys: Stack['configuration']['bodyKeys']): string | null {
  return keys === null
    ? null
    : JSON.stringify(Object.fromEntries(keys.map(({ id, key }) => [id, key.toString('base64')])));
}

/** Removal of the file: the stack that it describes has been stopped. */
export function removeDevelopmentFile(): void {
  rmSync(DEVELOPMENT_FILE, { force: true });
}

/** Addresses of a running stack, for a person. */
export function describeStack(stack: Stack): string {
  const { receiver, simulators, configuration } = stack;
  const rows = [
    ['Receiver', receiver.url],
    ['Operations page', `${receiver.operationsUrl}/operations/ (token in ${DEVELOPMENT_FILE})`],
    ['Operations API', `${receiver.operationsUrl}/operations (token in ${DEVELOPMENT_FILE})`],
    ['Temporal Web UI', stack.temporalUiUrl ?? 'not started here'],
    ['Temporal', stack.temporalAddress],
    ['PostgreSQL', configuration.databaseUrl],
    ...SIMULATED_PARTNERS.map(({ name, title, apiUrlVariable }) => [
      `${title} simulator`,
      simulators[name]?.url ?? `off: ${apiUrlVariable} is set`,
    ]),
  ];
  const lines = rows.map(([name = '', value = '']) => `  ${name.padEnd(20)} ${value}`);
  return [...lines, '', `  Set here because they were unset: ${stack.madeUp.join(', ')}`].join('\n');
}
