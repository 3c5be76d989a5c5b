const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for a UUID of any version and any case. */
export function isUuid(id: string): boolean {
  return UUID.test(id);
}

/** An id as the store holds it: UUIDs of any case are one, anything else stays as it is. */
export function canonicalId(id: string): string {
  return isUuid(id) ? id.toLowerCase() : id;
}

/** A composite id, or a workflow id, as the store holds it: each of its parts between `:` by itself. */
export function canonicalParts(id: string): string {
  return id.split(':').map(canonicalId).join(':');
}
