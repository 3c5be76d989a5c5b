/** Personal data that stands nowhere else; none of it is a word that a partner's status or reason could be. */
export const CANARIES = [
  'Zyxandra Quellenhofer-Wispelwey',
  'Unter den Dreizehn Linden 4711',
  'zyxandra@quellenhofer.example',
  'DE02 1203 0000 0000 2020 51',
  '29.02.1972 in Wolkenkuckucksheim',
] as const;

export const [NAME, STREET, MAIL, IBAN, BIRTH] = CANARIES;

/** A person as a partner might add it to any body, read or header without telling anybody. */
export const PERSON = { fullName: NAME, address: { street: STREET }, email: MAIL, iban: IBAN, bornOn: BIRTH };

/** What of the text's base64 does not depend on what stands before and after it, for each of the three positions. */
function base64sOf(text: string): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('x'.repeat(offset) + text)
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(offset === 0 ? 0 : offset + 1, -2);
  });
}

/** A canary in every spelling in which it could stand in the open. */
function spellingsOf(canary: string): readonly string[] {
  const hex = Buffer.from(canary).toString('hex');
  const base64s = base64sOf(canary);
  const urls = base64s.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const lower = canary.toLowerCase();
  // As a part of a path, where events that a partner lists become routes.
  const slug = lower.replace(/[^a-z0-9.~-]/g, '-');
  return [canary, lower, slug, encodeURIComponent(canary), hex, hex.toUpperCase(), ...base64s, ...urls];
}

const SPELLINGS = CANARIES.flatMap((canary) => spellingsOf(canary).map((spelling) => ({ canary, spelling })));

/** Where canaries stand in the open: the name of the place, and which. */
export function hitsIn(place: string, content: string | Buffer): readonly string[] {
  const text = typeof content === 'string' ? content : content.toString('latin1');
  return SPELLINGS.flatMap(({ canary, spelling }) => (text.includes(spelling) ? [`${place}: ${canary}`] : []));
}
