import { decode } from '../../src/codecs/decode';
import { parseJson } from '../../src/codecs/json';
import { OrderAnswer, toReading } from '../../src/partners/tradevest/order-answer';

function quantityExecuted(fields: string): boolean | null | string {
  const json = parseJson(Buffer.from(`{"status":"CANCELED",${fields}}`));
  const answer = json.ok ? decode(OrderAnswer, json.value) : json;
  if (!answer.ok) return answer.problem.path;
  const reading = toReading(answer.value);
  return reading.kind === 'object' ? reading.quantityExecuted : reading.kind;
}

describe('a canceled order waits for a settlement only if something was executed', () => {
  test.each([
    ['an empty object', '"executionData":{}', false],
    ['an object of nulls', '"execution":{"quantity":null,"executionPrice":null,"executionAmount":null}', false],
    ['a list of empty objects', '"partialExecutions":[{},{"quantity":null}]', false],
    ['a price without a quantity', '"execution":{"executionPrice":3}', true],
    ['a field we do not know', '"execution":{"venue":"XETRA"}', true],
    ['an empty object beside a quantity', '"execution":{},"executionData":{"quantity":"0.5"}', true],
  ])('%s', (_what, fields, executed) => {
    expect(quantityExecuted(fields)).toBe(executed);
  });
});
