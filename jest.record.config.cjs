/** `npm run record-histories`: records the histories that the replay test replays, on a real server. */
module.exports = { ...require('./jest.config.cjs'), testMatch: ['<rootDir>/test/workflows/record-*.ts'] };
