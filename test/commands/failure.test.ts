import { ServiceError } from '@temporalio/client';
import { DatabaseError } from 'pg';

import { failureOfCommand } from '../../src/commands/failure';
import { DevelopmentServerError } from '../../src/development/guarded-process';
import { ConfigurationError } from '../../src/codecs/environment';
import { SearchAttributeTypeError } from '../../src/temporal/setup';
import { DecryptionError } from '../../src/store/encryption';

const DATA = 'alice@example.org';

function withFields(message: string, fields: object): Error {
  return Object.assign(new Error(message), fields);
}

function ofDatabase(code: string): Error {
  return Object.assign(new DatabaseError(`value ${DATA}`, 0, 'error'), { code });
}

function ofTemporal(code: number): Error {
  const cause = withFields('from the server', { code, details: 'of the server', metadata: {} });
  return new ServiceError(`could not ask for ${DATA}`, { cause });
}

describe('the exit code of an error', () => {
  it.each([
    ['a socket’s', withFields('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' })],
    ['a name that is not found', withFields('getaddrinfo', { code: 'EAI_AGAIN', syscall: 'getaddrinfo' })],
    ['a certificate’s', withFields('certificate has expired', { code: 'CERT_HAS_EXPIRED' })],
    ['the driver’s time-out', new Error('timeout exceeded when trying to connect')],
    ['a query that hangs', new Error('Query read timeout')],
    ['a connection that broke', new Error('Connection terminated unexpectedly')],
    ['too many connections', ofDatabase('53300')],
    ['a server that shuts down', ofDatabase('57P01')],
    ['a connection of the server', ofDatabase('08006')],
    ['Temporal: unavailable', ofTemporal(14)],
    ['Temporal: deadline exceeded', ofTemporal(4)],
    ['the SDK’s connection', withFields('no connection', { name: 'TransportError' })],
    ['a development server that cannot be had', new DevelopmentServerError('No PostgreSQL.')],
  ])('is 3 for %s: trying again may help', (_, error) => {
    expect(failureOfCommand(error)).toMatchObject({ code: 3, message: expect.not.stringContaining('mistake') });
  });

  it.each([
    ['a bad variable', new ConfigurationError([{ name: 'X', expected: 'y', found: 'z' }])],
    ['a port that is taken', withFields('listen', { code: 'EADDRINUSE', syscall: 'listen', address: '::1', port: 1 })],
    ['a file that may not be read', withFields('EACCES: open', { code: 'EACCES', syscall: 'open' })],
    ['a search attribute of another type', new SearchAttributeTypeError('Partner: expected KEYWORD')],
    ['a key that is missing', new DecryptionError('k1', 'no-such-key', 'a body')],
  ])('is 2 for %s', (_, error) => {
    expect(failureOfCommand(error)).toMatchObject({ code: 2, message: expect.not.stringContaining('mistake') });
  });

  it.each([
    ['any error', new Error(`no such ${DATA}`), 'mistake of ours: Error.'],
    ['a type error', new TypeError(`${DATA} is not a function`), 'TypeError'],
    ['a statement of ours that is wrong', ofDatabase('22P02'), 'error 22P02'],
    ['a call that Temporal refuses', ofTemporal(3), 'gRPC code 3'],
    ['what is no error', DATA, 'no error'],
  ])('is 1 for %s, a mistake of ours whose text is kept back', (_, error, named) => {
    const { code, message } = failureOfCommand(error);
    expect(code).toBe(1);
    expect(message).toMatch(/^A mistake of ours: /);
    expect(message).toContain(named);
    expect(message).not.toContain(DATA);
  });
});
