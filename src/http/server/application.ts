import type Router from '@koa/router';
import Koa from 'koa';

/** A Koa application of the given parts, in their order; what none of them handles is a 404 without a body. */
export function createApplication(parts: readonly ReturnType<Router['routes']>[]): Koa {
  const application = new Koa();
  // Koa's own handler prints stack traces; every part answers its own errors.
  application.on('error', () => undefined);
  application.use(async (context, next) => {
    await next();
    // Only afterwards: a status set beforehand would stay, and turn every plain answer of a part into a 404.
    if (context.respond === false || context.status !== 404 || context.body != null) return;
    context.body = null;
    context.status = 404;
  });
  for (const part of parts) application.use(part);
  return application;
}
