import type { ComponentChildren, VNode } from 'preact';

import { durationWords } from './words';

/** One column of a table: its heading, and its content for a row. */
export interface Column<R> {
  readonly label: string;
  readonly cell: (row: R) => ComponentChildren;
}

/**
 * A table that a narrow screen shows as cards. The roles are written out because `display: block` hides them from
 * screen readers.
 */
export function Table<R>(props: {
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  /** The text in place of rows where there are none. */
  readonly none: string;
}): VNode {
  const { caption, columns, rows, none } = props;
  if (rows.length === 0) return <p class="quiet">{none}</p>;
  return (
    <table role="table">
      <caption>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ label }) => (
            <th scope="col" role="columnheader">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr role="row">
            {columns.map(({ label, cell }) => (
              <td role="cell" data-label={label}>
                <div>{cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A time, UTC to the second; a dash where there is none. */
export function Time({ at }: { readonly at: string | null }): VNode {
  if (at === null) return <span>–</span>;
  return <time dateTime={at}>{`${at.slice(0, 10)} ${at.slice(11, 19)} UTC`}</time>;
}

/** The time since something happened. */
export function Ago({ at, now }: { readonly at: string; readonly now: Date }): VNode {
  return <span title={at}>{durationWords(now.getTime() - Date.parse(at))}</span>;
}

/** A value, or a dash where there is none. */
export function orDash(value: string | null): string {
  return value === null || value === '' ? '–' : value;
}

/** Names with their values, one below the other. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }): VNode {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

/** Addresses of the next page of a listing and of its first; null where there is none, or it is shown. */
export interface PageLinks {
  readonly next: string | null;
  readonly first: string | null;
}

/** Links to the next page of a listing, and back to its beginning. */
export function Pages(props: PageLinks): VNode | null {
  if (props.next === null && props.first === null) return null;
  return (
    <p class="more">
      {props.first === null ? null : <a href={props.first}>First page</a>}
      {props.next === null ? null : (
        <a href={props.next} rel="next">
          Next page
        </a>
      )}
    </p>
  );
}

/** The hidden field that every form sends, so that no other site can send the form. */
export function FormToken({ value }: { readonly value: string }): VNode {
  return <input type="hidden" name="formToken" value={value} />;
}

/** A text field with its label. */
export function TextField(props: {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly longest: number;
  readonly type?: 'text' | 'password';
  readonly value?: string;
}): VNode {
  const { id, name, label, longest, type = 'text', value = '' } = props;
  return (
    <div class="wide">
      <label for={id}>{label}</label>
      <input id={id} name={name} type={type} required maxLength={longest} value={value} autocomplete="off" />
    </div>
  );
}

/** A choice of words, with its label; its id is its name where no other is given. */
export function Choice(props: {
  readonly id?: string;
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, shown: string])[];
  readonly chosen?: string | undefined;
}): VNode {
  const { id = props.name } = props;
  return (
    <div>
      <label for={id}>{props.label}</label>
      <select id={id} name={props.name}>
        {props.options.map(([value, shown]) => (
          <option value={value} selected={value === props.chosen}>
            {shown}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Options of a filter: all, or one of the words. */
export function allOr(words: readonly string[]): readonly (readonly [value: string, shown: string])[] {
  return [['', 'all'], ...words.map((word) => [word, word] as const)];
}

/** A form that narrows a listing down by choices. */
export function FilterForm({ to, children }: { readonly to: string; readonly children: ComponentChildren }): VNode {
  return (
    <form class="row" method="get" action={to}>
      {children}
      <button type="submit">Show</button>
    </form>
  );
}

/** Filter of a window of time, and of what came in it, as a form shows it. */
export interface WindowShown {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly route?: string | undefined;
  readonly event?: string | undefined;
  readonly user?: string | undefined;
}

const WINDOW_WORDS = [
  ['since', 'From (UTC)', '2026-11-30T08:00Z'],
  ['until', 'Before (UTC)', '2026-11-30T11:00Z'],
  ['event', 'Event', ''],
  ['route', 'Route', ''],
  ['user', 'User', ''],
] as const;

/** Fields of a window of time in a filter. */
export function WindowFields(props: { readonly window: WindowShown }): VNode {
  return (
    <>
      {WINDOW_WORDS.map(([name, label, example]) => (
        <div>
          <label for={`filter-${name}`}>{label}</label>
          <input
            id={`filter-${name}`}
            name={name}
            maxLength={200}
            value={props.window[name] ?? ''}
            placeholder={example}
            autocomplete="off"
          />
        </div>
      ))}
    </>
  );
}

/** A form of one button that has something done again. */
export function RetryForm(props: { readonly id: string; readonly to: string; readonly formToken: string }): VNode {
  return (
    <form method="post" action={props.to}>
      <FormToken value={props.formToken} />
      <button type="submit" aria-label={`Retry ${props.id}`}>
        Retry
      </button>
    </form>
  );
}

/** A notice that something was done. */
export function GoodNotice({ text }: { readonly text: string }): VNode {
  return (
    <p class="notice is-good" role="status">
      {text}
    </p>
  );
}

/** A notice that something was not done, and why. */
export function BadNotice({ text }: { readonly text: string }): VNode {
  return (
    <p class="notice is-bad" role="alert">
      {text}
    </p>
  );
}
