import type { Partner } from '../domain/partner';
import { canonicalId, isUuid } from '../domain/canonical-id';
import { isPlainText } from '../domain/plain-text';
import { canonicalDecimal } from './decimal';
import { decode } from './decode';
import { IdPart } from './primitives';

/** Reader of a field of what we tell of holdings, from a file or a request. */
export interface HoldingField {
  readonly expected: string;
  /** Bad values that may be shown, because they identify no person. */
  readonly shown: RegExp;
  /** The value as the store holds it; null for a bad one. */
  readonly read: (text: string) => string | null;
}

/** Reader of a partner's name. */
export function partnerField(partners: readonly Partner[]): HoldingField {
  return {
    expected: `one of ${partners.join(', ')}`,
    shown: /^[A-Za-z]{1,20}$/,
    read: (text) => (partners.includes(text) ? text : null),
  };
}

/** Reader of a user's id. */
export const userField: HoldingField = {
  expected: IdPart.name,
  shown: /^$/,
  read: (text) => {
    const decoding = decode(IdPart, text);
    return decoding.ok ? decoding.value : null;
  },
};

/** Reader of an instrument by one of its ids. */
export const instrumentField: HoldingField = {
  expected: 'asset:<UUID or integer> or fiat:<UUID or integer>',
  shown: /^[A-Za-z]{0,10}:?[0-9A-Fa-f-]{0,40}$/,
  read: instrumentOf,
};

function instrumentOf(text: string): string | null {
  const [kind = '', id = '', ...more] = text.split(':');
  if (more.length > 0 || (kind !== 'asset' && kind !== 'fiat')) return null;
  return isUuid(id) || /^(0|[1-9]\d{0,17})$/.test(id) ? `${kind}:${canonicalId(id)}` : null;
}

const LONGEST_AMOUNT = 100;
const SHOWN_AMOUNT = /^[\d.,'eE+ -]{1,40}$/;

/** Reader of an amount that is held. */
export const heldAmountField: HoldingField = {
  expected: `a plain decimal from 0 such as 12.5, of at most ${LONGEST_AMOUNT} characters`,
  shown: SHOWN_AMOUNT,
  read: (text) => (text.length <= LONGEST_AMOUNT && /^\d+(\.\d+)?$/.test(text) ? text : null),
};

/** Reader of an amount that is traded. */
export const tradedAmountField: HoldingField = {
  expected: `a plain decimal such as 12.5, or -12.5 for what is sold, of at most ${LONGEST_AMOUNT} characters`,
  shown: SHOWN_AMOUNT,
  read: (text) => (text.length <= LONGEST_AMOUNT && /^[+-]?\d+(\.\d+)?$/.test(text) ? canonicalDecimal(text) : null),
};

/** Reader of a moment, cut to the microsecond as the ledger's times are. */
export const momentField: HoldingField = {
  expected: 'an ISO 8601 time such as 2026-01-31T00:00:00Z',
  shown: /^[\dTZ:.,+/ -]{1,40}$/,
  read: momentOf,
};

const MOMENT =
  /^(\d{4}-\d{2}-\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?)?$/;

/** A moment with its offset, UTC where it has none. */
function momentOf(text: string): string | null {
  const [, day = '', hour = '00', minute = '00', second = '00', fraction = '', offset = 'Z'] = MOMENT.exec(text) ?? [];
  if (!isDay(day)) return null;
  return `${day}T${hour}:${minute}:${second}.${fraction.slice(0, 6).padEnd(6, '0')}${offset}`;
}

/** True for a day of the calendar: `Date` takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) && day >= '0001';
}

const LONGEST_REFERENCE = 200;

/** Reader of the id of a trade in our own books. */
export const referenceField: HoldingField = {
  expected: `a reference of 1 to ${LONGEST_REFERENCE} characters without control characters`,
  shown: /^$/,
  read: (text) => (text.trim() !== '' && isPlainText(text, LONGEST_REFERENCE) ? text : null),
};
