import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { tradevestOnboarding } from '../lifecycles/onboarding';
import { defineStateEvent } from '../../event';
import { change, changeOf, reasonOf, ValidationError } from '../object-body';

const Body = t.intersection([
  t.type({ onboardingId: ObjectId }),
  changeOf(tradevestOnboarding),
  t.partial({ validationErrors: side(t.array(side(ValidationError))) }),
]);

/** As many as an operator reads; the rest stays in the delivery. */
const MOST_REASONS = 20;

function reasonsOf({ validationErrors }: t.TypeOf<typeof Body>): readonly string[] {
  const words = (validationErrors ?? []).flatMap((error) => error?.errorType ?? []);
  return words.slice(0, MOST_REASONS);
}

/** An onboarding moved. It alone has a list of errors, and only the webhook shows them. */
export const onboarding = defineStateEvent({
  table: tradevestOnboarding,
  event: 'ONBOARDING_NOTIFICATION',
  route: 'onboarding-notification',
  body: Body,
  id: (body) => body.onboardingId,
  ...change,
  reason: (body) => reasonsOf(body)[0] ?? reasonOf(body),
  facts: (body) => ({ errorTypes: reasonsOf(body).length > 1 ? reasonsOf(body).join(', ') : null }),
});
