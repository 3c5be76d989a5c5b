import { DevelopmentServerError } from './guarded-process';

/** `partnerflow demo`; 0 only if balanced and every flow ended as its script says. */
export function runDemo(options: { readonly keep: boolean }): Promise<0 | 1> {
  return Promise.reject(new DevelopmentServerError(`demo${options.keep ? ' --keep' : ''} is not there yet`));
}
