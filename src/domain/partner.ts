/** The partners that report by webhook; also the first word of every workflow id. */
export const PARTNERS = ['tradevest', 'coinify', 'bitpanda'] as const;
/** The name of a partner. */
export type Partner = (typeof PARTNERS)[number];

/** True for the name of a partner. */
export function isPartner(name: string): name is Partner {
  return PARTNERS.some((partner) => partner === name);
}
