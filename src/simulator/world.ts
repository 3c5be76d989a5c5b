import { workflowIdOf } from '../domain/subject-key';
import type { ObjectKind, PartnerProfile, SimulatedObject } from './kind';
import type { ReadFault } from './script';

/** Event that the partner has made a webhook of, whether it arrived or was lost. */
export interface Announcement {
  readonly object: SimulatedObject;
  readonly event: string;
  readonly route: string;
  /** Body of the webhook. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly isLost: boolean;
  readonly eventId: string;
  readonly atMs: number;
}

/** Objects that a partner keeps, its announcements, and the current misbehaviour of reads. */
export interface World {
  readonly objects: () => readonly SimulatedObject[];
  readonly find: (id: string) => SimulatedObject | undefined;
  readonly kindOf: (name: string) => ObjectKind;
  readonly create: (
    kindName: string,
    script: string | null,
    related?: Readonly<Record<string, string>>,
  ) => SimulatedObject;
  readonly advance: (id: string, state: string) => SimulatedObject;
  readonly announcements: () => readonly Announcement[];
  readonly announce: (announcement: Announcement) => void;
  readonly setFault: (id: string, fault: ReadFault | null, requests: number | null) => void;
  /** Fault for the next request about the object; it counts as one of the requests the fault was set for. */
  readonly takeFault: (id: string) => ReadFault | null;
}

/** Empty world. The seed makes the ids; two servers with one seed invent the same ones. */
export function createWorld(profile: PartnerProfile, seed: string): World {
  const objects = new Map<string, SimulatedObject>();
  const announcements: Announcement[] = [];
  const kindOf = (name: string): ObjectKind => kindNamed(profile, name);
  return {
    kindOf,
    objects: () => [...objects.values()],
    find: (id) => objects.get(id.toLowerCase()),
    create: (kindName, script, related = {}) => {
      const kind = kindOf(kindName);
      const number = objects.size + 1;
      const id = kind.idOf(seed, number);
      const key = { partner: profile.partner, object: kind.object, id };
      const workflowId = kind.namedByDelivery === true ? null : workflowIdOf(key);
      const made: SimulatedObject = {
        ...{ id, kind: kindName, workflowId, number, script, related },
        ...{ state: null, history: [], executions: [] },
      };
      objects.set(id.toLowerCase(), made);
      return made;
    },
    advance: (id, state) => {
      const object = objects.get(id.toLowerCase());
      if (object === undefined) throw new Error(`${profile.partner} keeps no object ${id}`);
      const kind = kindOf(object.kind);
      mustBeState(kind, state);
      const executions = kind.executionsAfter?.(object.executions, state) ?? object.executions;
      const history = [...object.history, { state, at: new Date().toISOString() }];
      const next = { ...object, state, history, executions };
      objects.set(id.toLowerCase(), next);
      return next;
    },
    announcements: () => announcements,
    announce: (announcement) => announcements.push(announcement),
    ...createFaults(),
  };
}

function kindNamed(profile: PartnerProfile, name: string): ObjectKind {
  const kind = profile.kinds.find((candidate) => candidate.name === name);
  if (kind !== undefined) return kind;
  const known = profile.kinds.map((candidate) => candidate.name).join(', ');
  throw new Error(`${profile.partner} has no objects of kind ${name}; known: ${known}`);
}

function mustBeState(kind: ObjectKind, state: string): void {
  if (!kind.states.includes(state)) throw new Error(`${kind.name} has no state ${state}: ${kind.states.join(', ')}`);
}

/** Faults of reads of single objects. */
function createFaults(): Pick<World, 'setFault' | 'takeFault'> {
  const faults = new Map<string, { readonly fault: ReadFault; readonly requests: number | null }>();
  return {
    setFault: (id, fault, requests) => {
      if (fault === null) faults.delete(id);
      else faults.set(id, { fault, requests });
    },
    takeFault: (id) => {
      const set = faults.get(id);
      if (set === undefined) return null;
      if (set.requests === 1) faults.delete(id);
      else if (set.requests !== null) faults.set(id, { ...set, requests: set.requests - 1 });
      return set.fault;
    },
  };
}
