import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { policySchemaText } from '../config/policy-schema';
import { PARTNERS } from '../partners';

/** `npm run policy-schema`: writes the JSON schema of POLICY_FILE. */
writeFileSync(
  join(__dirname, '..', '..', '..', 'docs', 'policy.schema.json'),
  policySchemaText(PARTNERS.lifecycleTables),
);
