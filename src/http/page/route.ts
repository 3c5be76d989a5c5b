import type { Readable } from 'node:stream';

import * as t from 'io-ts';
import type { VNode } from 'preact';

import { decode } from '../../codecs/decode';
import { decodePart } from '../operations';
import type { Fields } from '../operations/fields';
import { badValue } from '../operations/problems';
import type { Form } from './form';
import type { Place } from './views/layout';

/** A request of somebody who is logged in. */
export interface Visit {
  readonly who: string;
  /** The part of the path that stands for `{id}`, decoded once; empty where there is none. */
  readonly id: string;
  readonly query: Readonly<Record<string, unknown>>;
  /** The form that was sent; empty for a page that is only read. */
  readonly form: Form;
  /** For the forms of the page. */
  readonly formToken: string;
  readonly now: Date;
}

/** The response of a page: a screen, or a redirect. */
export type Reply =
  | {
      readonly kind: 'screen';
      readonly status: number;
      readonly title: string;
      readonly place: Place | null;
      readonly content: VNode;
    }
  | { readonly kind: 'file'; readonly name: string; readonly type: string; readonly content: Readable }
  | { readonly kind: 'redirect'; readonly to: string; readonly endsSession?: true };

/** A page, or the action of a form. */
export interface PageRoute {
  readonly method: 'get' | 'post';
  readonly path: string;
  handle(visit: Visit): Promise<Reply>;
}

/** A reply that shows a page. */
export function screen(title: string, place: Place | null, content: VNode, status = 200): Reply {
  return { kind: 'screen', status, title, place, content };
}

/** Routes of a path as it was sent, each with the part that stands for `{id}`, not decoded yet. */
export function routesAt(
  routes: readonly PageRoute[],
  path: string,
): readonly { readonly route: PageRoute; readonly sentId: string }[] {
  const sent = path.split('/');
  return routes.flatMap((route) => {
    const parts = route.path.split('/');
    const fits = parts.length === sent.length && parts.every((part, at) => part === '{id}' || part === sent[at]);
    return fits ? [{ route, sentId: sent[parts.indexOf('{id}')] ?? '' }] : [];
  });
}

/** The decoded part that stood for `{id}`. Throws a `ProblemError` for one that is not percent-encoded UTF-8. */
export function idOf(sentId: string): string {
  return decodePart(sentId, 'path');
}

/** A form that is sent empty fields: a filter that nobody set is no filter. */
function withoutEmpty(query: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

/** A query checked by the same fields as the operations API. Throws a `ProblemError` that names the field. */
export function checked<Q extends Fields>(fields: Q, query: Readonly<Record<string, unknown>>) {
  const decoding = decode(t.partial(fields), withoutEmpty(query));
  if (!decoding.ok) throw badValue(decoding.problem);
  return decoding.value;
}

/** The address of a page's continuation: its filters with the cursor of the next page. */
export function nextOf(path: string, query: Readonly<Record<string, unknown>>, next: string | null): string | null {
  if (next === null) return null;
  return `${path}?${new URLSearchParams([...filtersOf(query), ['after', next]]).toString()}`;
}

/** The address of the first page of a listing: its filters without a cursor. */
export function firstOf(path: string, query: Readonly<Record<string, unknown>>): string {
  return `${path}?${new URLSearchParams([...filtersOf(query)]).toString()}`;
}

function filtersOf(query: Readonly<Record<string, unknown>>): readonly [string, string][] {
  return Object.entries(query).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && value !== '' && name !== 'after' ? [[name, value]] : [],
  );
}
