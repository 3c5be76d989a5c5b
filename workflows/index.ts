export { corporateAction } from './corporate-action';
export { document } from './document';
export { onboarding } from './onboarding';
export { order } from './order';
export { savingsPlan } from './savings-plan';
export { sweep } from './sweep';
export { transfer } from './transfer';
