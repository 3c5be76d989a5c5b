import { setUpTemporal } from '../../src/temporal/setup';

function refusal(code: number): Error {
  return Object.assign(new Error('refused'), { code, details: 'refused', metadata: {} });
}

/** A server that is somebody else's: the namespace is there, its attributes are not for us to make. */
function foreignServer(listSearchAttributes: () => Promise<object>, code: number): any {
  return {
    workflowService: {
      describeNamespace: () => Promise.resolve({}),
      countWorkflowExecutions: () => Promise.resolve({}),
    },
    operatorService: { addSearchAttributes: () => Promise.reject(refusal(code)), listSearchAttributes },
  };
}

const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

describe('setup on a server that makes its search attributes by other means', () => {
  it.each([PERMISSION_DENIED, UNIMPLEMENTED])('goes on at code %i and says that it could not look', async (code) => {
    const server = foreignServer(() => Promise.reject(refusal(code)), code);
    expect(await setUpTemporal(server, 'ours')).toBe(false);
  });

  it('checks those that are there where it may list them', async () => {
    const customAttributes = { Partner: 2, ObjectId: 2, WaitingFor: 2, Finding: 2, Overdue: 5, DueAt: 6 };
    const server = foreignServer(() => Promise.resolve({ customAttributes }), PERMISSION_DENIED);
    expect(await setUpTemporal(server, 'ours')).toBe(true);
  });
});
