import { defineMovementEvent, type PartnerEvent } from '../event';
import { TransactionBody } from './movement-bodies';
import { transactionBooking } from './movements';

/** A version of a transaction the user did not ask for; one id across all versions (vendors.md §3.2). */
export function transactionEvent(route: string, isVersion1: boolean): PartnerEvent {
  return defineMovementEvent({
    partner: 'bitpanda',
    object: 'transaction',
    lifecycle: 'recorded',
    event: route,
    route,
    body: TransactionBody,
    id: (body) => body.params.id,
    booking: ({ params }) => transactionBooking(params, isVersion1),
  });
}
