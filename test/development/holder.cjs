/** Started by a test: holds PostgreSQL and Temporal as a parent does, says where they are, and waits to be killed. */
const { startPostgres } = require('../../dist/src/development/postgres.js');
const { startTemporal } = require('../../dist/src/development/temporal.js');

Promise.all([startPostgres({ folder: process.argv[2] }), startTemporal({ withUi: false })]).then(
  ([postgres, temporal]) => {
    process.send({ postgresPort: postgres.port, temporalPort: Number(temporal.address.split(':')[1]) });
  },
);
setInterval(() => undefined, 1_000);
