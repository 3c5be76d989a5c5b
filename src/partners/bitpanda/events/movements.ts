import { unitOf } from '../../details';
import { defineMovementEvent, type PartnerEvent } from '../../event';
import { CorporateActionBody, CryptoActionBody, TransactionBody } from '../movement-bodies';
import {
  corporateActionBooking,
  corporateActionDecidedBy,
  cryptoActionBooking,
  cryptoActionDecidedBy,
  transactionBooking,
  transactionDecidedBy,
} from '../movements';

/** One movement of a corporate action for one user. How many belong to its set nobody says. */
export const corporateActions = defineMovementEvent({
  partner: 'bitpanda',
  object: 'corporate-action',
  lifecycle: 'corporateAction',
  event: 'corporate-actions',
  body: CorporateActionBody,
  id: ({ params: { ca_id: caId, user_pid: user } }) => `${caId}:${user}`,
  decidedBy: corporateActionDecidedBy,
  details: ({ params: { additional_details: details } }) => ({
    amounts: [
      ['price', details?.asset_price, unitOf('fiat', details?.asset_price_fiat_id)],
      ['price-with-fee', details?.asset_price_including_fee, unitOf('fiat', details?.asset_price_fiat_id)],
    ],
  }),
  booking: ({ params }) => corporateActionBooking(params),
});

/** The legs of a crypto action; one outgoing leg alone is a removal of dust. */
export const cryptoActions = defineMovementEvent({
  partner: 'bitpanda',
  object: 'crypto-action',
  lifecycle: 'recorded',
  event: 'crypto-actions',
  body: CryptoActionBody,
  id: (body) => body.params.id,
  decidedBy: cryptoActionDecidedBy,
  booking: ({ params }) => cryptoActionBooking(params),
});

/**
 * Transactions the user did not ask for; one id across all versions (vendors.md §3.2). The deprecated first version
 * cannot say whether it moves an asset or money, the second has integer ids, the third UUIDs.
 */
export const transactionEvents: readonly PartnerEvent[] = [
  'non-user-initiated-transactions',
  'non-user-initiated-transactions-v2',
  'non-user-initiated-transactions-v3',
].map((event, index) =>
  defineMovementEvent({
    partner: 'bitpanda',
    object: 'transaction',
    lifecycle: 'recorded',
    event,
    body: TransactionBody,
    id: (body) => body.params.id,
    decidedBy: (body) => transactionDecidedBy(body, index === 0),
    booking: ({ params }) => transactionBooking(params, index === 0),
    isDeprecated: index === 0,
    details: ({ params: { direction, related_offer_id: reference } }) => ({ side: direction, reference }),
  }),
);
