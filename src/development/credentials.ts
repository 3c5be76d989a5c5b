import type { Partner } from '../domain/partner';
import { SIMULATED_PARTNERS } from '../simulator';
import { type MadeUpPartner, madeUpSecret, parsedOrNull } from '../simulator/simulated-partner';

/** Secrets made up for one development run; none of them has a fixed value that could be mistaken for a default. */
export interface DevelopmentCredentials {
  readonly partners: ReadonlyMap<Partner, MadeUpPartner>;
  readonly operationsToken: string;
  /** Secret that alerts and outcomes are signed with, where a target is configured. */
  readonly alertWebhookSecret: string;
  readonly outboxWebhookSecret: string;
}

function firstToken(json: string | undefined): string | null {
  const tokens = parsedOrNull(json);
  const token: unknown = typeof tokens === 'object' && tokens !== null ? Object.values(tokens)[0] : null;
  return typeof token === 'string' ? token : null;
}

/** Credentials from the environment, with the missing ones made up. */
export function developmentCredentials(
  environment: Readonly<Record<string, string | undefined>>,
): DevelopmentCredentials {
  return {
    partners: new Map(SIMULATED_PARTNERS.map(({ name, madeUp }) => [name, madeUp(environment)])),
    operationsToken: firstToken(environment.OPERATIONS_TOKENS) ?? madeUpSecret(),
    alertWebhookSecret: environment.ALERT_WEBHOOK_SECRET ?? madeUpSecret(),
    outboxWebhookSecret: environment.OUTBOX_WEBHOOK_SECRET ?? madeUpSecret(),
  };
}
