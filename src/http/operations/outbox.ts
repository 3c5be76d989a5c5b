import { listOutbox, retryMessage } from '../../store/outbox/list';
import { fromStore, type OperationsDependencies } from './dependencies';
import { Cursor, Limit, OutboxStateName, OutgoingTargetName } from './fields';
import { type Operation, withQuery } from './operation';
import { pageRequest } from './paging';
import { ProblemError } from './problems';

/** Routes of messages to our own backend: listed, and sent again where they were given up. */
export function outboxOperations({ database, encryption }: OperationsDependencies): readonly Operation[] {
  return [
    withQuery({
      method: 'get',
      path: '/operations/outbox',
      summary: 'Messages to our own backend, newest first; dead ones were given up and wait for an operator.',
      answers: { 200: 'OutboxPage' },
      query: { state: OutboxStateName, target: OutgoingTargetName, limit: Limit, after: Cursor },
      handle: async ({ query }) => ({
        status: 200,
        body: await fromStore(() => listOutbox(database, encryption, query, pageRequest(query))),
      }),
    }),
    withQuery({
      method: 'post',
      path: '/operations/outbox/{id}/retry',
      summary: 'Has a message sent again that was given up.',
      answers: { 202: 'RetriedMessage', 404: 'No such message.', 409: 'The message was not given up.' },
      query: {},
      async handle({ id, who }) {
        const result = await fromStore(() => retryMessage(database, id, who));
        switch (result) {
          case 'unknown':
            throw new ProblemError(404, 'no message has this id');
          case 'not-dead':
            throw new ProblemError(409, 'the message was not given up');
          case 'retried':
            return { status: 202, body: { id, state: 'waiting' } };
        }
      },
    }),
  ];
}
