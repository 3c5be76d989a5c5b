import { DefaultLogger, Runtime } from '@temporalio/worker';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../src/config/policy';
import { tradevestOrder } from '../src/partners/tradevest/lifecycles/order';
import { createFlowStarter } from '../src/temporal/flow-client';
import { notification, openFlowServers } from './flow-servers';
import { serveOrders } from './orders';

void serveOrders({
  ...{ createFlowStarter, createPolicies, DEFAULT_POLICY_SETTINGS, notification, openFlowServers, tradevestOrder },
  ...{ DefaultLogger, Runtime },
});
