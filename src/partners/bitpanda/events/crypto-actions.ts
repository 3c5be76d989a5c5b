import { defineMovementEvent } from '../../event';
import { CryptoActionBody } from '../movement-bodies';
import { cryptoActionBooking } from '../movements';

/** The legs of a crypto action; one outgoing leg alone is a removal of dust. */
export const cryptoActions = defineMovementEvent({
  partner: 'bitpanda',
  object: 'crypto-action',
  lifecycle: 'recorded',
  event: 'crypto-actions',
  route: 'crypto-actions',
  body: CryptoActionBody,
  id: (body) => body.params.id,
  booking: ({ params }) => cryptoActionBooking(params),
});
