/** A wait that ends early when it is rung, also when it was rung just before. */
export interface WakeUp {
  ring(): void;
  wait(ms: number): Promise<void>;
}

/** A bell for one waiter. */
export function createWakeUp(): WakeUp {
  let hasRung = false;
  let end: () => void = () => undefined;
  return {
    ring() {
      hasRung = true;
      end();
    },
    async wait(ms) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
    },
  };
}
