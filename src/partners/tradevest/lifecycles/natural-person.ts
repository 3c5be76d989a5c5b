import { roleTable } from './role';

/** Tradevest natural persons. */
export const tradevestNaturalPerson = roleTable('natural-person', 'Tradevest natural person', ['ESTATE']);
