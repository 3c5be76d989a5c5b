import { createRequire } from 'node:module';
import { join } from 'node:path';

import { serveOrders, type ServingParts } from '../orders';

/** Where 0.2.0 has them: it has no file of its own that serves orders. */
const PLACES = [
  '@temporalio/worker',
  './dist/bench/flow-servers.js',
  './dist/src/dispatch/flow-starter.js',
  './dist/src/domain/lifecycles/tradevest-order.js',
  './dist/src/policy.js',
];

const NAMES: readonly (keyof ServingParts)[] = [
  ...(['createFlowStarter', 'createPolicies', 'DEFAULT_POLICY_SETTINGS', 'notification', 'openFlowServers'] as const),
  ...(['tradevestOrder', 'DefaultLogger', 'Runtime'] as const),
];

function isServingParts(value: object): value is ServingParts {
  return NAMES.every((name) => name in value);
}

const requireThere = createRequire(join(process.argv[2] ?? '', 'package.json'));
const parts: object = Object.assign({}, ...PLACES.map((place): unknown => requireThere(place)));
if (!isServingParts(parts)) throw new Error(`expected a built checkout of 0.2.0 with ${NAMES.join(', ')}`);
void serveOrders(parts);
