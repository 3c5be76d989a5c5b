import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';

import { addresses } from './addresses';
import { FormToken } from './parts';

const PLACES = [
  ['overview', 'Overview', addresses.overview],
  ['flows', 'Flows', addresses.flows],
  ['deliveries', 'Parked deliveries', addresses.parked],
  ['messages', 'Messages', addresses.messages],
  ['outbox', 'Dead messages', addresses.deadMessages],
  ['rejections', 'Refused requests', addresses.rejections],
  ['breaks', 'Breaks', addresses.breaks],
  ['obligations', 'Obligations', addresses.obligations],
  ['report', 'Report', addresses.report],
  ['audit', 'What operators did', addresses.audit],
] as const;

/** The part of the page that is shown, as its navigation names it. */
export type Place = (typeof PLACES)[number][0];

/** The content of a document that differs from page to page. */
export interface Shown {
  readonly title: string;
  readonly place: Place | null;
  readonly content: VNode;
  readonly now: Date;
  /** Changes with the stylesheet, so that no browser keeps an old one. */
  readonly styleVersion: string;
  /** The name of the operator who is logged in; null for nobody. */
  readonly who: string | null;
  readonly formToken: string;
}

function Header({ who, formToken }: Pick<Shown, 'who' | 'formToken'>): VNode {
  return (
    <header>
      <p>partnerflow operations</p>
      {who === null ? null : <SearchForm />}
      {who === null ? null : (
        <form method="post" action={addresses.logout}>
          <FormToken value={formToken} />
          <span>{who}</span>
          <button class="plain" type="submit">
            Log out
          </button>
        </form>
      )}
    </header>
  );
}

/** The one search, on top of every page. */
function SearchForm(): VNode {
  return (
    <form class="search" method="get" action={addresses.search} role="search" aria-label="Everything">
      <label for="q">Find</label>
      <input id="q" name="q" type="search" required maxLength={5_000} autocomplete="off" />
      <button class="plain" type="submit">
        Find
      </button>
    </form>
  );
}

function Navigation({ place }: Pick<Shown, 'place'>): VNode {
  return (
    <nav aria-label="Pages">
      <ul>
        {PLACES.map(([name, label, address]) => (
          <li>
            <a href={address} aria-current={name === place ? 'page' : undefined}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The document of a page; every value in it is escaped. */
export function documentOf(shown: Shown): string {
  const { title, place, content, now, styleVersion, who, formToken } = shown;
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} – partnerflow operations`}</title>
        <link rel="stylesheet" href={`${addresses.style}?version=${styleVersion}`} />
      </head>
      <body>
        <a class="skip" href="#content">
          To the content
        </a>
        <Header who={who} formToken={formToken} />
        {who === null ? null : <Navigation place={place} />}
        <main id="content" tabIndex={-1}>
          <h1>{title}</h1>
          {content}
        </main>
        <footer>{`As of ${now.toISOString().slice(0, 19).replace('T', ' ')} UTC. Load the page again for news.`}</footer>
      </body>
    </html>
  );
  return `<!doctype html>${render(page)}`;
}
