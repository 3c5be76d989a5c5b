import { roleTable } from './role';

/** Tradevest proxies. */
export const tradevestProxy = roleTable('proxy', 'Tradevest proxy', ['ESTATE', 'DECEASED']);
