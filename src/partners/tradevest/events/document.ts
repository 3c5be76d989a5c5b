import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestDocument } from '../lifecycles/document';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** A document moved; ids we never created are normal. */
export const document = defineStateEvent({
  table: tradevestDocument,
  event: 'DOCUMENT_NOTIFICATION',
  route: 'document-notification',
  body: t.intersection([t.type({ documentId: ObjectId }), changeOf(tradevestDocument)]),
  id: (body) => body.documentId,
  ...change,
});
