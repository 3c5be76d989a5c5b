import { messageTypes, type MessageSources, type MessageType } from './catalogue';
import { bodySchema, SHARED_SCHEMAS } from './data-schema';
import { bodyOf, contentTypeOf } from './event';
import { exampleMessages } from './examples';

type Json = Readonly<Record<string, unknown>>;

const ID = 'b5a7c1d2-8c1e-5f5a-9d0e-2f6d3d1c8a47';

/** Description of all messages as AsyncAPI 3: schema and example of each type, from the code that tells them. */
export function asyncApiOf(sources: MessageSources): Json {
  const types = messageTypes(sources);
  const examples = exampleMessages(sources);
  const messages = types.map((one): [string, Json] => [one.type, messageOf(one, exampleBody(one, examples))]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'partnerflow messages',
      version: '1',
      description:
        'Every change of state of what partners do for us: pushed by Standard Webhooks where OUTBOX_TYPES names the type, and in the feed, GET /operations/messages.',
      license: { name: 'UNLICENSED' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      messages: {
        address: null,
        title: 'Messages to our own backend',
        description: 'POST to OUTBOX_WEBHOOK_URL; those of one subject in their order, each at least once.',
        messages: Object.fromEntries(types.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }])),
      },
    },
    operations: {
      push: {
        action: 'send',
        channel: { $ref: '#/channels/messages' },
        summary: 'partnerflow pushes a message; any 2xx takes it.',
      },
    },
    components: { messages: Object.fromEntries(messages), schemas: { ...SHARED_SCHEMAS, headers: HEADERS } },
  };
}

function messageOf(one: MessageType, example: unknown): Json {
  const { type, when } = one;
  return {
    name: type,
    title: type,
    summary: when,
    contentType: contentTypeOf(type),
    headers: { $ref: '#/components/schemas/headers' },
    payload: bodySchema(one),
    examples: [{ name: type, payload: example }],
  };
}

const HEADERS: Json = {
  type: 'object',
  properties: {
    'webhook-id': { type: 'string', description: 'The same at each repetition: keep it.' },
    'webhook-timestamp': { type: 'string' },
    'webhook-signature': { type: 'string' },
  },
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
};

/** Body of the example of a type. Throws where the code makes none: then it cannot be told. */
function exampleBody({ type }: MessageType, examples: ReturnType<typeof exampleMessages>): unknown {
  const example = examples.get(type);
  if (example === undefined) throw new Error(`nothing tells ${type}`);
  const body: unknown = JSON.parse(bodyOf({ ...example, id: ID, sequence: '42' }));
  return body;
}
