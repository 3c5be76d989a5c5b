import type { ReadPaths } from '../paths';

/**
 * Paths of all that is asked of Bitpanda, in each its newest documented version (MAPPING.md); all can be overridden. In
 * lists `{from}`, `{to}`, `{page}` and `{cursor}` stand for what their names say: the names of the parameters are assumed.
 */
export const DEFAULT_PATHS: ReadPaths = {
  order: ['/v2/trades/search?id={id}'],
  transfer: ['/v1/crypto-transfers/transactions?id={id}'],
  'savings-plan': ['/v2/savings-plan?id={id}'],
  confirmation: ['/v1/savings-plan/transaction/{id}/confirm'],
  events: ['/v1/events?from={from}&to={to}&page={page}'],
  'corporate-actions': [
    '/v1/trades/corporate-actions/search?date_start={from}&date_end={to}&page={page}&page_size=100',
  ],
  'non-user-initiated-transactions': [
    '/v2/non-user-initiated-transactions?date_start={from}&date_end={to}&page={page}&page_size=100',
  ],
  'automated-orders': ['/v1/orders?date_start={from}&date_end={to}&cursor={cursor}'],
};
