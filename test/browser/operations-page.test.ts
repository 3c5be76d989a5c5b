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

const LOOKS = [
  ['light', DESKTOP],
  ['dark', PHONE],
  ['light', PHONE],
  ['dark', DESKTOP],
] as const;

/** What axe finds, each with the elements it means; only contrast differs between light and dark. */
async function faultsOf(page: Page, rules: 'all' | 'contrast' = 'all'): Promise<readonly string[]> {
  const only = rules === 'all' ? '' : "runOnly: ['color-contrast'],";
  return page.evaluate<readonly string[]>(
    `axe.run(document, { ${only} resultTypes: ['violations'] }).then(({ violations }) =>
       violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`,
  );
}

/** The page as it is, light and dark, on a desktop and on a phone: no fault, and no scrolling to the side. */
async function expectNoFault(page: Page, path: string): Promise<void> {
  await page.evaluate(axe.source);
  for (const [index, [colorScheme, viewport]] of LOOKS.entries()) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    const faults = await faultsOf(page, index < 2 ? 'all' : 'contrast');
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    const found = { path, colorScheme, faults, fits: width <= viewport.width };
    expect(found).toEqual({ path, colorScheme, faults: [], fits: true });
  }
}

describe('every page, light and dark, on a desktop and on a phone', () => {
  let api: Api;
  let filled: Filled;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    api = await openApi();
    filled = await fill(api);
    // Axe is a script that we bring along: the page's own policy would refuse it, as it should.
    context = await browser.newContext({ bypassCSP: true });
    page = await logIn(context, api.url);
  });
  afterAll(async () => {
    await context.close();
    await api.close();
  });

  it('has no fault that axe finds, and fits without scrolling to the side', async () => {
    for (const path of [...everyPage(filled), '/operations/page/login']) {
      await page.goto(`${api.url}${path}`);
      await expectNoFault(page, path);
    }
  }, 120_000);

  it('is as good before and after many flows are asked', async () => {
    await page.goto(`${api.url}/operations/page/flows`);
    await page.getByRole('checkbox').first().check();
    await page.getByLabel('Ask of them').selectOption('resolve');
    await page.getByRole('button', { name: 'The ticked ones' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Ask many flows');
    await expectNoFault(page, 'confirm');
    await page.getByLabel('Why').fill('it has settled');
    await page.getByRole('button', { name: 'Resolve 1 flow' }).click();
    expect(await page.getByRole('status').textContent()).toContain('1 of 1 flow did as asked.');
    await expectNoFault(page, 'result');
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
    const filled = await fill(calm, 'PLACED');
    const flow = `/operations/page/flow/${encodeURIComponent(filled.overdue)}`;
    const context = await browser.newContext();
    const page = await logIn(context, calm.url);
    for (const [name, colorScheme, viewport, path] of [
      ['operations-overview', 'light', DESKTOP, '/operations/'],
      ['operations-flow', 'light', DESKTOP, flow],
      ['operations-phone', 'dark', PHONE, '/operations/page/flows'],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.goto(`${calm.url}${path}`);
      const picture = await page.screenshot({ path: join(pictures, `${name}.png`) });
      expect(picture.length).toBeGreaterThan(5_000);
    }
    await context.close();
    await calm.close();
  });
});
