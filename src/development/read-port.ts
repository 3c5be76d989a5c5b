/** A port from a variable; null where it is unset or no port (the configuration then says so). */
export function readPort(text: string | undefined): number | null {
  const port = Number(text ?? '');
  return text !== undefined && text !== '' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}
