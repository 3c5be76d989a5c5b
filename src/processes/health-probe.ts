import { request } from 'node:http';

const TIMEOUT_MS = 5_000;

/**
 * Exit code 0 where the URL answers 200: an image without a shell's tools can be probed with it, and it starts faster
 * than the command line.
 */
function probe(url: string): void {
  const asked = request(url, { timeout: TIMEOUT_MS }, (answer) => {
    answer.resume();
    process.exitCode = answer.statusCode === 200 ? 0 : 1;
  });
  asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
  asked.on('error', () => {
    process.exitCode = 1;
  });
  asked.end();
}

probe(process.argv[2] ?? '');
