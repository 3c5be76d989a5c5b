import * as t from 'io-ts';

import { parseJson } from '../../codecs/json';
import { decodeAnswer, type PartnerAnswer } from '../http-client';
import type { SweepWindow } from '../sweep';

/** List of a partner that is read page by page. */
export interface PagedList<Entry extends { readonly id: string }> {
  /** Asks for a path with its query. Throws `ReadFailure`. */
  readonly get: (path: string) => Promise<PartnerAnswer>;
  /** Paths with `{from}`, `{to}`, `{page}` and `{cursor}`; the next one is asked on 404. */
  readonly templates: readonly string[];
  readonly entry: t.Type<Entry, unknown>;
  /** Name of the list in messages. */
  readonly what: string;
}

/** Entries of a list, each once, and why there are more that were not read. */
export interface PagedEntries<Entry> {
  readonly entries: readonly Entry[];
  readonly cutOff?: string;
}

/** A list that never ends must not keep a sweep for ever; the next would be cut off at the same place, so it is said. */
const MOST_PAGES = 200;

/** All entries of a stretch of time; a page that brings nothing new is the last. Throws `ReadFailure`. */
export async function entriesOf<Entry extends { readonly id: string }>(
  list: PagedList<Entry>,
  window: SweepWindow,
): Promise<PagedEntries<Entry>> {
  const Page = t.type({ data: t.array(list.entry) });
  const entries = new Map<string, Entry>();
  let cursor = '';
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { data } = decodeAnswer(Page, await answerOf(list, { ...window, page, cursor }), list.what, parseJson);
    // A server that knows no pages gives the same one again and again.
    const fresh = data.filter(({ id }) => !entries.has(id));
    if (fresh.length === 0) return { entries: [...entries.values()] };
    for (const one of fresh) entries.set(one.id, one);
    cursor = data.at(-1)?.id ?? '';
  }
  return { entries: [...entries.values()], cutOff: `after ${MOST_PAGES} pages the list had not ended` };
}

interface PagePlace extends SweepWindow {
  readonly page: number;
  readonly cursor: string;
}

/** The answer of the first of the paths that is there. */
async function answerOf(
  { get, templates }: Pick<PagedList<never>, 'get' | 'templates'>,
  place: PagePlace,
): Promise<PartnerAnswer> {
  const [template = '', ...others] = templates;
  const answer = await get(pathOf(template, place));
  return answer.statusCode === 404 && others.length > 0 ? answerOf({ get, templates: others }, place) : answer;
}

/** The path of a page. A template that names no place is given one, in the words of the list of events. */
function pathOf(template: string, { from, to, page, cursor }: PagePlace): string {
  const places: Readonly<Record<string, string>> = { from, to, page: String(page), cursor };
  const named = /\{(from|to|page|cursor)\}/.test(template)
    ? template
    : `${template}${template.includes('?') ? '&' : '?'}from={from}&to={to}&page={page}`;
  // On the first page there is nothing to go on from.
  const asked = cursor === '' ? named.replace(/(?:(?<=\?)|&)[^?&=]+=\{cursor\}&?/, '') : named;
  return asked.replace(/\{(from|to|page|cursor)\}/g, (_, name: string) => encodeURIComponent(places[name] ?? ''));
}
