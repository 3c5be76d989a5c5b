import type { PartnerProfile } from './kind';
import type { Observer } from './observer';
import type { Sender } from './sender';
import type { World } from './world';

/** Resources of playing scripts. */
export interface Stage {
  readonly profile: PartnerProfile;
  readonly world: World;
  readonly sender: Sender;
  /** Due time that the policy in force gives every state, milliseconds. */
  readonly dueMs: number;
  readonly signal: AbortSignal;
  /** Observer; null: only the waits that a script names are waited. */
  readonly observer: Observer | null;
}
