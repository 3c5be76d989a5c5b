import type { Configuration } from '../config/configuration';
import { setUpTemporal } from '../temporal/setup';
import { activate } from '../store/activations';
import { contract, type ContractResult } from '../store/contract';
import { openDatabase } from '../store/database';
import { countBodiesInRows, hasBodiesInRows } from '../store/deliveries/bodies-in-rows';
import { queueMissing } from '../store/deliveries/queue-missing';
import { migrate } from '../store/migrate';
import type { Activation } from '../store/schema/ledger-tables';
import { openTemporalClient } from '../temporal/client';

/** Options of `runSetup`. */
export interface SetupOptions {
  /** Also the last step from release 0.2.0, for a time when none of its processes runs any more. */
  readonly contract?: boolean;
  /** Part that begins now, for a time when none of those processes runs any more. */
  readonly activate?: Activation;
  /** Listener for the number of bodies that were moved, of all that are to be. */
  readonly onMoved?: (moved: number, total: number) => void;
}

/** Result of a set-up. */
export interface SetupResult {
  /** False where the server did not let us look at its search attributes. */
  readonly isTemporalChecked: boolean;
  /** True where `partnerflow setup --contract` is still to come. */
  readonly isContractDue: boolean;
  readonly contracted: ContractResult | null;
}

/** An index of a large table takes long; but whoever waits for a lock makes all others wait behind it. */
const LIMITS = { queryTimeoutMs: 86_400_000, lockTimeoutMs: 4_000 };

/** Set-up of `partnerflow setup`: tables, indexes, namespace, search attributes. Idempotent. */
export async function runSetup(configuration: Configuration, options: SetupOptions = {}): Promise<SetupResult> {
  const { databaseUrl: url, temporal: settings } = configuration;
  const database = openDatabase({ url, poolSize: 2, ...LIMITS });
  const temporal = openTemporalClient(configuration);
  try {
    await migrate(database.kysely);
    await queueMissing(database.kysely);
    if (options.activate !== undefined) await activate(database.kysely, options.activate);
    const total = await countBodiesInRows(database.kysely);
    const onMoved = (moved: number) => options.onMoved?.(moved, total);
    const contracted = options.contract === true ? await contract(database.kysely, onMoved) : null;
    const isTemporalChecked = await setUpTemporal(temporal.connection, settings.namespace);
    return { isTemporalChecked, isContractDue: await hasBodiesInRows(database.kysely), contracted };
  } finally {
    await temporal.close();
    await database.close();
  }
}
