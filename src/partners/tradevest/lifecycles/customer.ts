import { roleTable } from './role';

/** Tradevest customers. */
export const tradevestCustomer = roleTable('customer', 'Tradevest customer', ['DECEASED']);
