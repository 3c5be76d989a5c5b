import type { PartnerProfile } from './kind';
import type { Observer } from './observer';
import type { Sender } from './sender';
import type { World } from './world';

/** What playing needs. */
export interface Stage {
  readonly profile: PartnerProfile;
  readonly world: World;
  readonly sender: Sender;
  /** The due time that the policy in force gives every state. */
  readonly dueMs: number;
  readonly signal: AbortSignal;
  /** Null: nobody looks, and only the waits that a script names are waited. */
  readonly observer: Observer | null;
}
