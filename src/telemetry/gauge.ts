import { Gauge, type Registry } from 'prom-client';

/** Gauge that is filled when it is read; empty while its value cannot be read. */
export function gauge<T>(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: readonly string[],
  read: () => Promise<T | null>,
  fill: (value: T, set: (labels: Readonly<Record<string, string>>, count: number) => void) => void,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers,
    async collect() {
      const value = await read();
      this.reset();
      if (value !== null) fill(value, (labels, count) => this.set({ ...labels }, count));
    },
  });
}
