import { join } from 'node:path';

import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { type Api, openApi, TOKEN } from '../operations/harness';
import { everyPage, fill, type Filled } from '../page/filled';
import { launchChromium, pictures } from './chromium';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 780 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function logIn(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/operations/`);
  await page.getByLabel('Your operations token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  return page;
}

/** What axe finds, each with the elements it means. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<readonly string[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
       violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`,
  );
  return found;
}

describe.each([
  ['light', 'on a desktop', DESKTOP],
  ['dark', 'on a desktop', DESKTOP],
  ['light', 'on a phone', PHONE],
  ['dark', 'on a phone', PHONE],
] as const)('every page, %s, %s', (colorScheme, _where, viewport) => {
  let api: Api;
  let filled: Filled;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    api = await openApi();
    filled = await fill(api);
    // Axe is a script that we bring along: the page's own policy would refuse it, as it should.
    context = await browser.newContext({ colorScheme, viewport, bypassCSP: true });
    page = await logIn(context, api.url);
  });
  afterAll(async () => {
    await context.close();
    await api.close();
  });

  it('has no fault that axe finds, and fits without scrolling to the side', async () => {
    for (const path of [...everyPage(filled), '/operations/page/login']) {
      await page.goto(`${api.url}${path}`);
      expect({ path, faults: await faultsOf(page) }).toEqual({ path, faults: [] });
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect({ path, fits: width <= viewport.width }).toEqual({ path, fits: true });
    }
  });

  it('asks before many with a page that is as good', async () => {
    await page.goto(`${api.url}/operations/page/flows`);
    await page.getByRole('checkbox').first().check();
    await page.getByLabel('Ask of them').selectOption('resolve');
    await page.getByRole('button', { name: 'The ticked ones' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Ask many flows');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Why').fill('it has settled');
    await page.getByRole('button', { name: 'Resolve 1 flow' }).click();
    expect(await page.getByRole('status').textContent()).toContain('1 of 1 flow did as asked.');
    expect(await faultsOf(page)).toEqual([]);
  });
});

describe('a browser under the page’s own policy', () => {
  let api: Api;
  beforeAll(async () => {
    api = await openApi();
  });
  afterAll(() => api.close());

  it('shows the style, runs nothing of what partners sent, and complains of nothing', async () => {
    const filled = await fill(api);
    const context = await browser.newContext({ viewport: DESKTOP });
    const page = await logIn(context, api.url);
    const said: string[] = [];
    page.on('dialog', (dialog) => {
      said.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    for (const path of everyPage(filled)) {
      await page.goto(`${api.url}${path}`);
      await page.mouse.move(200, 300);
    }
    expect(said.filter((line) => !line.includes('favicon') && !line.includes('404'))).toEqual([]);
    const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe('rgb(255, 255, 255)');
    // And the policy is what stands in the way of a script that got in.
    await expect(page.addScriptTag({ content: 'window.gotIn = true' })).rejects.toThrow(/Content Security Policy/);
    await context.close();
  });

  it('is photographed', async () => {
    const calm = await openApi();
    const filled = await fill(calm, 'user-2');
    const flow = `/operations/page/flow/${encodeURIComponent(filled.overdue)}`;
    for (const [name, colorScheme, viewport, path] of [
      ['operations-overview', 'light', DESKTOP, '/operations/'],
      ['operations-flow', 'light', DESKTOP, flow],
      ['operations-overview-phone', 'dark', PHONE, '/operations/'],
      ['operations-parked-phone', 'dark', PHONE, '/operations/page/deliveries?status=parked'],
    ] as const) {
      const context = await browser.newContext({ colorScheme, viewport });
      const page = await logIn(context, calm.url);
      await page.goto(`${calm.url}${path}`);
      const picture = await page.screenshot({ path: join(pictures, `${name}.png`) });
      expect(picture.length).toBeGreaterThan(5_000);
      await context.close();
    }
    await calm.close();
  });
});
