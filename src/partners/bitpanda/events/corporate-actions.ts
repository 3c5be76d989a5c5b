import { defineUnbookedEvent } from '../../event';
import { CorporateActionBody } from '../movement-bodies';

/** One movement of a corporate action; kept until it can be booked. */
export const corporateActions = defineUnbookedEvent({
  event: 'corporate-actions',
  route: 'corporate-actions',
  object: 'corporate-action',
  lifecycle: 'corporateAction',
  body: CorporateActionBody,
});
