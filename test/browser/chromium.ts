import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The machine's own Chromium; an error where there is none, never a silent skip. */
export function launchChromium(): Promise<Browser> {
  const executablePath = BROWSERS.find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new Error(`a browser is missing: expected one of ${BROWSERS.join(', ')} (.ci/run installs chromium)`);
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Pictures are kept where the variable says (docs/images), else thrown away. */
export const pictures = process.env.PARTNERFLOW_IMAGES_FOLDER ?? mkdtempSync(join(tmpdir(), 'partnerflow-images-'));
