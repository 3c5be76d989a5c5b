/** What a process that was killed does from then on. */
export function nothingEverAgain<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

/** Something that happens once, and may be waited for. */
export interface Moment {
  readonly reached: Promise<void>;
  reach(): void;
}

export function moment(): Moment {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return { reached, reach: () => reach() };
}
