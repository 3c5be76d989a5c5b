import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestSearch } from '../lifecycles/search';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** A search for a legal entity moved. */
export const legalEntitySearch = defineStateEvent({
  table: tradevestSearch,
  event: 'LEGAL_ENTITY_SEARCH_NOTIFICATION',
  route: 'legal-entity-search-notification',
  body: t.intersection([t.type({ searchId: ObjectId }), changeOf(tradevestSearch)]),
  id: (body) => body.searchId,
  ...change,
});
