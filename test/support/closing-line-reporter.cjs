/** Prints `N passed, N failed` as the very last line, which programs read; a file that could not run counts as failed. */
module.exports = class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.on('exit', () => {
      process.stdout.write(`${String(results.numPassedTests)} passed, ${String(failed)} failed\n`);
    });
  }
};
