import { request } from 'undici';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export type Fields = readonly (readonly [string, string])[] | Readonly<Record<string, string>>;

export interface Browse {
  /** As a browser asks for a page. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** As a browser sends a form that stood on our page; a null form token sends none. */
  post(path: string, fields: Fields, more?: PostOptions): Promise<Answer>;
  /** The cookie pair it sends; empty while nobody is logged in. */
  cookie: string;
}

export interface PostOptions {
  readonly formToken?: string | null;
  /** An empty one is not sent. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function formTokenIn(text: string): string {
  return /name="formToken" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** What the first `Set-Cookie` of an answer sets, with its attributes. */
export function setCookieOf({ headers }: Answer): string {
  return String(headers['set-cookie'] ?? '');
}

/** What a browser without scripts does, over plain HTTP. */
export function browse(url: string): Browse {
  const send = async (method: 'GET' | 'POST', path: string, headers: Record<string, string>, body: string | null) => {
    const cookie: Record<string, string> = browser.cookie === '' ? {} : { cookie: browser.cookie };
    const reply = await request(`${url}${path}`, {
      method,
      headers: { accept: 'text/html,application/xhtml+xml', ...cookie, ...headers },
      body,
    });
    return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() };
  };
  const browser: Browse = {
    cookie: '',
    get: (path, headers = {}) => send('GET', path, { ...headers }, null),
    async post(path, fields, { formToken, headers = {} } = {}) {
      const pairs: [string, string][] = (Array.isArray(fields) ? fields : Object.entries(fields)).map(
        ([name, value]) => [name, value],
      );
      const token =
        formToken === undefined && browser.cookie !== ''
          ? formTokenIn((await browser.get('/operations/page/deeds')).text)
          : formToken;
      if (typeof token === 'string') pairs.push(['formToken', token]);
      const usual = {
        'content-type': 'application/x-www-form-urlencoded',
        origin: url,
        'sec-fetch-site': 'same-origin',
      };
      const all = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== '');
      return send('POST', path, Object.fromEntries(all), new URLSearchParams(pairs).toString());
    },
  };
  return browser;
}

/** A browser in which somebody has logged in. */
export async function loggedIn(url: string, token: string): Promise<Browse> {
  const browser = browse(url);
  const answer = await browser.post('/operations/page/login', { token, to: '/operations/' });
  browser.cookie = setCookieOf(answer).split(';')[0] ?? '';
  if (answer.status !== 303 || browser.cookie === '') throw new Error(`expected a session, found ${answer.status}`);
  return browser;
}

/** The text a person sees, without tags; entities of text decoded. */
export function seen({ text }: Answer): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}
