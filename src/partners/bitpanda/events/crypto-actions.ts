import { defineUnbookedEvent } from '../../event';
import { CryptoActionBody } from '../movement-bodies';

/** The legs of a crypto action; kept until they can be booked. */
export const cryptoActions = defineUnbookedEvent({
  event: 'crypto-actions',
  route: 'crypto-actions',
  object: 'crypto-action',
  lifecycle: 'recorded',
  body: CryptoActionBody,
});
