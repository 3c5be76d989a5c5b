import { roleTable } from './role';

/** Tradevest beneficial owners; the partner may create one itself, so unknown ids are normal. */
export const tradevestBeneficialOwner = roleTable('beneficial-owner', 'Tradevest beneficial owner', [
  'ESTATE',
  'DECEASED',
]);
