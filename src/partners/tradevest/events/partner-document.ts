import * as t from 'io-ts';

import { ChangeTime } from '../../../codecs/partner-times';
import { ObjectId } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { tradevestPartnerDocument } from '../lifecycles/partner-document';
import { defineStateEvent } from '../../event';
import { timed } from '../object-body';

/** A paper of the platform was published or changed; the body names neither status nor type. */
export const partnerDocument = defineStateEvent({
  table: tradevestPartnerDocument,
  event: 'PARTNER_DOCUMENT_NOTIFICATION',
  route: 'partner-document-notification',
  body: t.intersection([t.type({ documentId: ObjectId }), t.partial({ modifiedOn: side(ChangeTime) })]),
  id: (body) => body.documentId,
  status: () => null,
  ...timed,
});
