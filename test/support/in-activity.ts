import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';

/** The result of a call as a worker makes it: within an activity, whose task may say anything. */
export function inActivity<T>(info: Partial<Info>, call: () => Promise<T>): Promise<T> {
  return new MockActivityEnvironment(info).run<[], T, () => Promise<T>>(call);
}
