/** The corporate action and the user of a set, by the partner's ids. */
export interface SetParts {
  readonly corporateActionId: string;
  readonly userId: string;
}

/** The id of a transaction set as a subject. */
export function setIdOf({ corporateActionId, userId }: SetParts): string {
  return `${corporateActionId}:${userId}`;
}

/** The parts of a set's id; a part that is not there is empty. */
export function partsOfSetId(id: string): SetParts {
  const [corporateActionId = '', userId = ''] = id.split(':');
  return { corporateActionId, userId };
}
