import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

import { useOldestPostgres } from '../support/servers';

useOldestPostgres();

const OWN = basename(__filename);

describe.each(readdirSync(__dirname).filter((name) => name.endsWith('.test.ts') && name !== OWN))(
  'on PostgreSQL 15, %s',
  (name) => {
    jest.requireActual(`./${name}`);
  },
);
