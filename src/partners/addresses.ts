import { BlockList, isIP, isIPv4 } from 'node:net';

import type { VariableReader } from '../codecs/environment';
import { firstCharacters } from '../domain/plain-text';
import type { AddressList } from './authentication';

const EXPECTED = 'IP addresses and ranges separated by commas, such as 203.0.113.7,2001:db8::/32';

/** List of addresses in a variable; null when it is unset, or when something in it is none, which is complained about. */
export function readAddressList(read: VariableReader, name: string): AddressList | null {
  const value = read.text(name);
  if (value === undefined) return null;
  const list = new BlockList();
  const wrong = value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => !add(list, entry));
  if (wrong.length === 0) return { has: (address) => holds(list, address) };
  read.complain(name, EXPECTED, `"${firstCharacters(wrong[0] ?? '', 50)}"`);
  return null;
}

/** False for what is neither an address nor a range. */
function add(list: BlockList, entry: string): boolean {
  const [address = '', length, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  const most = version === 4 ? 32 : 128;
  const prefix = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (prefix < 0 || prefix > most) return false;
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return true;
}

/** An IPv4 address within IPv6 (`::ffff:203.0.113.7`), as sockets of both kinds show it, counts as itself. */
function holds(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
