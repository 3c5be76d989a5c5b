import * as t from 'io-ts';

import type { Problem } from '../domain/problem';
import { decode, expectedOf } from './decode';
import { SealedField, SideField } from './side-fields';

/** Field of a body as its codec declares it. */
export interface BodyField {
  /** Path with `[]` after a list, such as `params.transactions[].asset_id`. */
  readonly path: string;
  /** `value`, or an object or list that has fields of its own. */
  readonly holds: 'value' | 'fields';
  /** Words for what the field has to be. */
  readonly expected: string;
  /** `decides`: what cannot be read parks the delivery; `side`: it is left out; `sealed`: it is not read at all. */
  readonly weight: 'decides' | 'side' | 'sealed';
  /** Bodies in which a side field decides; null where in none. */
  readonly decidesWhere: string | null;
  /** Why it is kept nowhere but in the body; null where it is kept. */
  readonly unkeptBecause: string | null;
  /** True for a value that can be read. */
  readonly admits: (value: unknown) => boolean;
}

/** Fields that a codec declares, in its order and each path once; the body itself is none. */
export function fieldsOf(codec: unknown): readonly BodyField[] {
  const byPath = new Map<string, BodyField>();
  for (const field of declaredIn(codec, '', DECIDES)) {
    if (field.path !== '' && byPath.get(field.path)?.weight !== 'decides') byPath.set(field.path, field);
  }
  return [...byPath.values()];
}

/** Part of a field that its place in the codec says, rather than the codec of its values. */
type Role = Pick<BodyField, 'weight' | 'decidesWhere' | 'unkeptBecause'>;

const DECIDES: Role = { weight: 'decides', decidesWhere: null, unkeptBecause: null };

function declaredIn(codec: unknown, path: string, role: Role): readonly BodyField[] {
  if (codec instanceof SealedField) {
    const { name: expected, because } = codec;
    return [
      {
        path,
        holds: 'value',
        expected,
        weight: 'sealed',
        decidesWhere: null,
        unkeptBecause: because,
        admits: () => true,
      },
    ];
  }
  if (codec instanceof SideField) {
    const { decidesWhere = null, unkeptBecause = null } = codec.notes;
    return declaredIn(codec.inner, path, { weight: 'side', decidesWhere, unkeptBecause });
  }
  const parts = partsOf(codec);
  switch (parts.kind) {
    case 'value':
      return [{ path, holds: 'value', expected: parts.expected, ...role, admits: parts.admits }];
    case 'nothing':
      return [];
    case 'alternatives':
      return parts.codecs.flatMap((one) => declaredIn(one, path, role));
    case 'list':
    case 'object': {
      const fields = parts.fields.flatMap(([key, one]) => declaredIn(one, joined(path, key), DECIDES));
      return [{ path, holds: 'fields', expected: parts.expected, ...role, admits: isObject }, ...fields];
    }
  }
}

/** As many as a person reads; the rest is in the body. */
const MOST_UNREAD = 50;

/** Side fields of a decoded body that could not be read: where, what was expected, what stood there. */
export function unreadIn(codec: unknown, body: unknown): readonly Problem[] {
  const byPath = new Map(unreadAt(codec, body, '').map((problem) => [problem.path, problem]));
  return [...byPath.values()].slice(0, MOST_UNREAD);
}

function unreadAt(codec: unknown, value: unknown, path: string): readonly Problem[] {
  if (value === null || value === undefined) return [];
  if (codec instanceof SideField) {
    const decoded = decode(codec.inner, value);
    return decoded.ok ? unreadAt(codec.inner, value, path) : [{ ...decoded.problem, path }];
  }
  const parts = partsOf(codec);
  switch (parts.kind) {
    case 'value':
    case 'nothing':
      return [];
    case 'alternatives':
      return parts.codecs.flatMap((one) => unreadAt(one, value, path));
    case 'list': {
      const entries: readonly unknown[] = Array.isArray(value) ? value : [];
      const [[, entry] = ['', undefined]] = parts.fields;
      return entries.flatMap((one, index) => unreadAt(entry, one, joined(path, String(index))));
    }
    case 'object':
      return isObject(value) ? parts.fields.flatMap(([key, one]) => unreadAt(one, value[key], joined(path, key))) : [];
  }
}

/** Parts of a codec. */
type Parts =
  | { readonly kind: 'value'; readonly expected: string; readonly admits: (value: unknown) => boolean }
  | { readonly kind: 'nothing' }
  /** Codecs of the same value, of which it has to meet one or all. */
  | { readonly kind: 'alternatives'; readonly codecs: readonly unknown[] }
  | {
      readonly kind: 'object' | 'list';
      readonly expected: string;
      readonly fields: readonly (readonly [key: string, codec: unknown])[];
    };

function partsOf(codec: unknown): Parts {
  if (codec instanceof t.InterfaceType || codec instanceof t.PartialType) {
    const props: unknown = codec.props;
    return { kind: 'object', expected: expectedOf(codec), fields: isObject(props) ? Object.entries(props) : [] };
  }
  if (codec instanceof t.IntersectionType || codec instanceof t.UnionType) {
    const types: unknown = codec.types;
    return { kind: 'alternatives', codecs: Array.isArray(types) ? types : [] };
  }
  if (codec instanceof t.RefinementType) return { kind: 'alternatives', codecs: [codec.type] };
  if (codec instanceof t.ArrayType) return { kind: 'list', expected: expectedOf(codec), fields: [['[]', codec.type]] };
  if (codec === t.null || codec === t.undefined) return { kind: 'nothing' };
  if (!(codec instanceof t.Type)) return { kind: 'value', expected: 'anything', admits: () => true };
  return { kind: 'value', expected: expectedOf(codec), admits: (value) => decode(codec, value).ok };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function joined(path: string, key: string): string {
  return path === '' || key === '[]' ? `${path}${key}` : `${path}.${key}`;
}
