import type { LifecycleTable } from '../../../domain/lifecycles/table';

/** Documents of the platform (terms, reports), not of one customer; the webhook names no status: fetch, publish. */
export const tradevestPartnerDocument: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'partner-document',
  lifecycle: 'document',
  title: 'Tradevest partner document',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  statusless: true,
  // Its webhook names no state: each one is told once the document is read.
  messages: { anyState: 'available' },
  states: {},
};
