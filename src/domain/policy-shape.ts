import type { Policy } from './policy';

/**
 * True for what a flow can wait by. A policy comes by an Update that anybody may send by hand: a number that is none
 * would arm no timer, and the flow would wait for ever without being overdue.
 */
export function isPolicy(value: unknown): value is Policy {
  if (!isFields(value)) return false;
  const { dueByState, firstDue, ladder, thenEveryMs, agreementWaitsMs, holidays, scale, usesPriority } = value;
  const isLadderStep = (one: unknown): boolean =>
    isFields(one) && typeof one.alert === 'boolean' && isAmount(one.waitMs);
  return (
    isFields(dueByState) &&
    Object.values(dueByState).every(isDue) &&
    isDue(firstDue) &&
    isListOf(ladder, isLadderStep) &&
    Array.isArray(ladder) &&
    ladder.length > 0 &&
    isAmount(thenEveryMs) &&
    isListOf(agreementWaitsMs, isAmount) &&
    isListOf(holidays, (day) => typeof day === 'string') &&
    isAmount(scale) &&
    scale !== 0 &&
    (usesPriority === undefined || usesPriority === true)
  );
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function isDue(value: unknown): boolean {
  return isFields(value) && (isAmount(value.ms) || isAmount(value.businessDays));
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
