import { CORPORATE_ACTIONS, CRYPTO_ACTIONS, TRANSACTIONS } from './movement-table';

/** What one webhook of the partners' pages must become, posted alone to an empty store. */
export interface ExpectedFixture {
  readonly partner: 'tradevest' | 'coinify' | 'bitpanda';
  /** Name of its file, without the extension. */
  readonly file: string;
  readonly event: string;
  readonly workflowId: string | null;
  /** Its outcome, or `parked`. */
  readonly became: string;
  readonly state: string | null;
}

function rowsOf(
  partner: ExpectedFixture['partner'],
  rows: readonly (readonly [string, string, string | null, string, string | null])[],
): readonly ExpectedFixture[] {
  return rows.map(([file, event, workflowId, became, state]) => ({ partner, file, event, workflowId, became, state }));
}

const ID = '123e4567-e89b-12d3-a456-426614174000';

const tradevest = rowsOf('tradevest', [
  [
    'beneficial-owner-notification',
    'BENEFICIAL_OWNER_NOTIFICATION',
    `tradevest:beneficial-owner:${ID}`,
    'applied',
    'CREATED',
  ],
  ['customer-notification', 'CUSTOMER_NOTIFICATION', `tradevest:customer:${ID}`, 'applied', 'CREATED'],
  [
    'customer-notification.update-rejected.assumed',
    'CUSTOMER_NOTIFICATION',
    'tradevest:customer:00000000-0000-4000-8000-000000000001',
    'applied',
    null,
  ],
  ['customer-product-notification', 'CUSTOMER_PRODUCT_NOTIFICATION', `tradevest:product:${ID}`, 'applied', 'PENDING'],
  [
    'digital-asset-order-notification',
    'DIGITAL_ASSET_ORDER_NOTIFICATION',
    `tradevest:order:${ID}`,
    'applied',
    'RECEIVED',
  ],
  ['document-notification', 'DOCUMENT_NOTIFICATION', `tradevest:document:${ID}`, 'applied', 'RECEIVED'],
  [
    'identification-verification-notification.approved.synthetic',
    'IDENTIFICATION_VERIFICATION_NOTIFICATION',
    'tradevest:identification:00000000-0000-4000-8000-000000000002',
    'applied',
    'APPROVED',
  ],
  [
    'identification-verification-notification',
    'IDENTIFICATION_VERIFICATION_NOTIFICATION',
    `tradevest:identification:${ID}`,
    'applied',
    'RECEIVED',
  ],
  ['labels-update-notification', 'LABELS_UPDATE_NOTIFICATION', 'tradevest:labels:<delivery id>', 'applied', 'CREATED'],
  [
    'legal-entity-search-notification',
    'LEGAL_ENTITY_SEARCH_NOTIFICATION',
    `tradevest:search:${ID}`,
    'applied',
    'WAITING_FOR_DATA',
  ],
  [
    'natural-person-notification',
    'NATURAL_PERSON_NOTIFICATION',
    `tradevest:natural-person:${ID}`,
    'applied',
    'CREATED',
  ],
  ['offboarding-notification', 'OFFBOARDING_NOTIFICATION', `tradevest:offboarding:${ID}`, 'applied', 'CREATED'],
  ['onboarding-notification', 'ONBOARDING_NOTIFICATION', `tradevest:onboarding:${ID}`, 'applied', 'CREATED'],
  [
    'partner-document-notification',
    'PARTNER_DOCUMENT_NOTIFICATION',
    `tradevest:partner-document:${ID}`,
    'applied',
    null,
  ],
  ['proxy-notification', 'PROXY_NOTIFICATION', `tradevest:proxy:${ID}`, 'applied', 'CREATED'],
  ['re-token-prices', 'RE_TOKEN_PRICES', 'tradevest:prices:latest', 'applied', null],
  [
    'savings-plans-notification.active.synthetic',
    'SAVINGS_PLANS_NOTIFICATION',
    'tradevest:savings-plan:123e4567-e89b-12d3-a456-426614174000',
    'applied',
    'ACTIVE',
  ],
  [
    'savings-plans-notification.invalid.synthetic',
    'SAVINGS_PLANS_NOTIFICATION',
    'tradevest:savings-plan:123e4567-e89b-12d3-a456-426614174001',
    'applied',
    'INVALID',
  ],
  ['strategy-notification', 'STRATEGY_NOTIFICATION', `tradevest:strategy:${ID}:${ID}`, 'applied', 'EXECUTING'],
  [
    'traditional-asset-order-notification.canceled.assumed',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    'tradevest:order:00000000-0000-4000-8000-000000000004',
    'applied',
    'CANCELED',
  ],
  [
    'traditional-asset-order-notification.expired.assumed',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    'tradevest:order:00000000-0000-4000-8000-000000000004',
    'applied',
    'EXPIRED',
  ],
  [
    'traditional-asset-order-notification.filled.assumed',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    'tradevest:order:00000000-0000-4000-8000-000000000004',
    'applied',
    'FILLED',
  ],
  [
    'traditional-asset-order-notification.partially-filled.assumed',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    'tradevest:order:00000000-0000-4000-8000-000000000004',
    'applied',
    'PARTIALLY_FILLED',
  ],
  [
    'traditional-asset-order-notification.placed.assumed',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    'tradevest:order:00000000-0000-4000-8000-000000000004',
    'applied',
    'PLACED',
  ],
  [
    'traditional-asset-order-notification.rejected.assumed',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    'tradevest:order:00000000-0000-4000-8000-000000000004',
    'applied',
    'REJECTED',
  ],
  [
    'traditional-asset-order-notification.settled.assumed',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    'tradevest:order:00000000-0000-4000-8000-000000000004',
    'applied',
    'SETTLED',
  ],
  [
    'traditional-asset-order-notification.invalid.synthetic',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    'tradevest:order:00000000-0000-4000-8000-000000000004',
    'applied',
    'INVALID',
  ],
  [
    'traditional-asset-order-notification',
    'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    `tradevest:order:${ID}`,
    'applied',
    'RECEIVED',
  ],
  ['transfer-notification', 'TRANSFER_NOTIFICATION', `tradevest:transfer:${ID}`, 'applied', 'RECEIVED'],
  ['user-notification', 'USER_NOTIFICATION', 'tradevest:user:text', 'applied', 'RECEIVED'],
]);

const coinify = rowsOf('coinify', [
  [
    'identification-attempt-approved.context',
    'identification-attempt.approved',
    'coinify:identification:26286',
    'applied',
    'approved',
  ],
  [
    'identification-attempt-approved.enveloped',
    'identification-attempt.approved',
    'coinify:identification:26286',
    'applied',
    'approved',
  ],
  [
    'identification-attempt-rejected.context',
    'identification-attempt.rejected',
    'coinify:identification:1',
    'applied',
    'rejected',
  ],
  [
    'identification-attempt-rejected.enveloped',
    'identification-attempt.rejected',
    'coinify:identification:1',
    'applied',
    'rejected',
  ],
  ['otc-trade-completed', 'otc-trade.completed', 'coinify:otc-trade:1234', 'applied', 'completed'],
  ['otc-trade-completed.realistic-times', 'otc-trade.completed', 'coinify:otc-trade:1234', 'applied', 'completed'],
  ['trade-cancelled.context', 'trade.cancelled', 'coinify:trade:1235', 'applied', 'cancelled'],
  ['trade-cancelled.enveloped', 'trade.cancelled', 'coinify:trade:1235', 'applied', 'cancelled'],
  ['trade-completed.context', 'trade.completed', 'coinify:trade:1235', 'applied', 'completed'],
  ['trade-completed.enveloped', 'trade.completed', 'coinify:trade:1235', 'applied', 'completed'],
  ['trade-created.context', 'trade.created', 'coinify:trade:1235', 'applied', 'created'],
  ['trade-created.enveloped', 'trade.created', 'coinify:trade:1235', 'applied', 'created'],
  ['trade-expired.context', 'trade.expired', 'coinify:trade:1235', 'applied', 'expired'],
  ['trade-expired.enveloped', 'trade.expired', 'coinify:trade:1235', 'applied', 'expired'],
  ['trade-rejected.context', 'trade.rejected', 'coinify:trade:1235', 'applied', 'rejected'],
  ['trade-rejected.enveloped', 'trade.rejected', 'coinify:trade:1235', 'applied', 'rejected'],
  [
    'trade-transfer-in-completed.context',
    'trade.transfer-in-completed',
    'coinify:trade:1235',
    'applied',
    'transfer-in-completed',
  ],
  [
    'trade-transfer-in-completed.enveloped',
    'trade.transfer-in-completed',
    'coinify:trade:1235',
    'applied',
    'transfer-in-completed',
  ],
]);

const bitpanda = rowsOf('bitpanda', [
  [
    'automated-order.cancelled-by-system',
    'automated-orders',
    'bitpanda:order:01ef50da-52c7-6848-9b66-8a418b68cf6f',
    'applied',
    'cancelled',
  ],
  [
    'automated-order.cancelled-by-user',
    'automated-orders',
    'bitpanda:order:01ef50be-98ba-678f-aeb0-164c3edf7ee5',
    'applied',
    'cancelled',
  ],
  [
    'automated-order.failed',
    'automated-orders',
    'bitpanda:order:01ef52f5-9f60-60e1-8165-8a61e573af23',
    'applied',
    'failed',
  ],
  [
    'automated-order.finished',
    'automated-orders',
    'bitpanda:order:01ef5401-cf20-6165-b0cb-3e1e8185fb3c',
    'applied',
    'finished',
  ],
  ...CORPORATE_ACTIONS,
  ...CRYPTO_ACTIONS,
  [
    'crypto-transfer.deposit-finished.synthetic',
    'crypto-transfers',
    'bitpanda:transfer:1ee00000-0000-6000-8000-000000000002',
    'applied',
    'finished',
  ],
  [
    'crypto-transfer.deposit-processing.synthetic',
    'crypto-transfers',
    'bitpanda:transfer:1ee00000-0000-6000-8000-000000000002',
    'applied',
    'processing',
  ],
  [
    'crypto-transfer.withdrawal-pending-sparse.assumed',
    'crypto-transfers',
    'bitpanda:transfer:1ee00000-0000-6000-8000-000000000009',
    'applied',
    'pending',
  ],
  ...TRANSACTIONS,
  ['report.assumed', 'reports', 'bitpanda:report:1ee00000-0000-6000-8000-000000000018', 'applied', null],
  [
    'savings-plan-auto-cancel.synthetic',
    'savings-plan-auto-cancel',
    'bitpanda:savings-plan:1ee00000-0000-6000-8000-000000000013',
    'applied',
    'canceled',
  ],
  [
    'savings-plan-failed-trade.not-confirmed.synthetic',
    'savings-plan-failed-trade',
    'bitpanda:savings-plan:1ee00000-0000-6000-8000-000000000013',
    'applied',
    'active',
  ],
  [
    'savings-plan-successful-trade.synthetic',
    'savings-plan-successful-trade',
    'bitpanda:savings-plan:1ee00000-0000-6000-8000-000000000013',
    'applied',
    'active',
  ],
  [
    'savings-plan-upcoming-trade-v1.synthetic',
    'savings-plan-upcoming-trade',
    'bitpanda:savings-plan:1ee00000-0000-6000-8000-000000000013',
    'applied',
    'active',
  ],
  [
    'savings-plan-upcoming-trade-v2.synthetic',
    'savings-plan-upcoming-trade-v2',
    'bitpanda:savings-plan:1ee00000-0000-6000-8000-000000000013',
    'applied',
    'active',
  ],
  [
    'send-money-success-v1.synthetic',
    'send-money-success',
    'bitpanda:payout:ref-0002',
    'applied',
    'send-money-success',
  ],
  [
    'send-money-success-v2.assumed',
    'send-money-success-v2',
    'bitpanda:payout:ref-0002',
    'applied',
    'send-money-success',
  ],
  ['send-money-v1.assumed', 'send-money', 'bitpanda:payout:ref-0002', 'applied', 'send-money'],
  ['send-money-v2.synthetic', 'send-money-v2', 'bitpanda:payout:ref-0002', 'applied', 'send-money'],
  [
    'top-up-request-v1.daily-settlement-without-trade.assumed',
    'top-up-request',
    'bitpanda:top-up:EUR',
    'applied',
    null,
  ],
  ['top-up-request-v1.synthetic', 'top-up-request', 'bitpanda:top-up:EUR', 'applied', null],
  [
    'top-up-request-v2.assumed',
    'top-up-request-v2',
    'bitpanda:top-up:1ee00000-0000-6000-8000-000000000006',
    'applied',
    null,
  ],
  ['top-up-success-v1.synthetic', 'top-up-success', 'bitpanda:deposit:ref-0001', 'applied', 'top-up-success'],
  ['top-up-success-v2.assumed', 'top-up-success-v2', 'bitpanda:deposit:ref-0001', 'applied', 'top-up-success'],
  [
    'transaction-update.cancelled.synthetic',
    'transaction-update',
    'bitpanda:payment:1ee00000-0000-6000-8000-000000000022',
    'applied',
    'cancelled',
  ],
  [
    'transaction-update.completed.synthetic',
    'transaction-update',
    'bitpanda:payment:1ee00000-0000-6000-8000-000000000020',
    'applied',
    'completed',
  ],
  [
    'transaction-update.failed.synthetic',
    'transaction-update',
    'bitpanda:payment:1ee00000-0000-6000-8000-000000000021',
    'applied',
    'failed',
  ],
  [
    'user-update.verification-failed.synthetic',
    'user-updates',
    'bitpanda:user:1ee00000-0000-6000-8000-000000000001',
    'applied',
    'verification-failed',
  ],
  [
    'user-update.verification-succeeded.synthetic',
    'user-updates',
    'bitpanda:user:1ee00000-0000-6000-8000-000000000001',
    'applied',
    'verification',
  ],
]);

/** All 116, from the partners' pages. `<delivery id>` stands for the id of the delivery itself. */
export const EVERY_FIXTURE: readonly ExpectedFixture[] = [...tradevest, ...coinify, ...bitpanda];
