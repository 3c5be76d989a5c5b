import * as t from 'io-ts';

import { unreadIn } from '../../codecs/body-fields';
import { decode } from '../../codecs/decode';
import { ChangeTime } from '../../codecs/partner-times';
import { ExactDecimal, MachineWord, ObjectId } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';
import type { SubjectDetails } from '../../domain/details';
import { presentDetails, unitOf } from '../details';
import type { ObjectAnswer } from '../reading';
import { AssetId } from './body';
import { isTestDomain } from './test-domain';

/** Fields that an entry of a search may have beside its state; they are called as in webhooks (assumed). */
const Entry = t.partial({
  user_id: side(ObjectId),
  domain_slug: side(MachineWord),
  type: side(MachineWord),
  transaction_type: side(MachineWord),
  fail_reason: side(MachineWord),
  related_offer_id: side(ObjectId),
  credited_at: side(ChangeTime),
  asset_id: side(AssetId),
  asset_amount: side(ExactDecimal),
  asset_fee: side(ExactDecimal),
  asset_price: side(ExactDecimal),
  fiat_id: side(AssetId),
  fiat_amount: side(ExactDecimal),
  fiat_amount_fee: side(ExactDecimal),
  initiated_by: side(MachineWord),
});

/** Details and unread fields of an entry of a search beside its state; amounts are called as in its webhooks. */
export function besideState(object: string, entry: unknown): Pick<ObjectAnswer, 'details' | 'unread'> {
  const decoded = decode(Entry, entry);
  if (!decoded.ok) return { details: {}, unread: [] };
  return { details: detailsOf(object, decoded.value), unread: unreadIn(Entry, entry) };
}

function detailsOf(object: string, fields: t.TypeOf<typeof Entry>): SubjectDetails {
  const [asset, fiat] = [unitOf('asset', fields.asset_id), unitOf('fiat', fields.fiat_id)];
  return presentDetails({
    userId: fields.user_id,
    reference: fields.related_offer_id,
    reason: fields.fail_reason,
    changedAt: fields.credited_at,
    side: fields.transaction_type ?? fields.type,
    sandbox: fields.domain_slug && isTestDomain(fields.domain_slug) ? fields.domain_slug : null,
    amounts: [
      [object === 'transfer' ? 'gross' : 'quantity', fields.asset_amount, asset],
      ['fee', fields.asset_fee, asset],
      ['price', fields.asset_price, fiat],
      [object === 'transfer' ? 'value' : 'gross', fields.fiat_amount, fiat],
      ['fee-value', fields.fiat_amount_fee, fiat],
    ],
    facts: { initiatedBy: fields.initiated_by },
  });
}
