export { document } from './document';
export { onboarding } from './onboarding';
export { order } from './order';
export { savingsPlan } from './savings-plan';
export { transfer } from './transfer';
