/** Message in the SDK's print of a failure: the text between quotes after `message:`, with quotes inside it escaped. */
const MESSAGE = /message: "((?:[^"\\]|\\.)*)"/;

/** Sentence about why a history does not replay: which event contradicts which command, or what the code threw. */
export function inWords(error: Error): string {
  const quoted = MESSAGE.exec(error.message)?.[1];
  if (quoted === undefined) return error.message.split('\n')[0] ?? 'no reason is known';
  const message = quoted.replace(/\\n/g, ' ').replace(/\\(.)/g, '$1');
  return violationIn(message) ?? `the new code throws: ${message}`;
}

const UNEXPECTED_EVENT =
  /Nondeterminism error: .*?machine does not handle this event: HistoryEvent\(id: (\d+), (\w+)\)/;
const MISSING_COMMAND = /Nondeterminism error: No command scheduled for event HistoryEvent\(id: (\d+), (\w+)\)/;
const MACHINE = /Nondeterminism error: (\w+) machine does not handle/;
const OTHER_ACTIVITY = /Activity type of scheduled event '([^']*)' does not match .*? command '([^']*)'/;
const OTHER = /Nondeterminism error: (.*)$/;

function violationIn(message: string): string | null {
  const unexpected = UNEXPECTED_EVENT.exec(message);
  if (unexpected !== null) {
    const [, id = '', event = ''] = unexpected;
    const machine = MACHINE.exec(message)?.[1] ?? 'another';
    return `event ${id} of its history is "${spelled(event)}", where the new code gives a command for: ${spelled(machine)}`;
  }
  const missing = MISSING_COMMAND.exec(message);
  if (missing !== null) {
    const [, id = '', event = ''] = missing;
    return `event ${id} of its history is "${spelled(event)}", where the new code gives no command`;
  }
  const activity = OTHER_ACTIVITY.exec(message);
  if (activity !== null) {
    const [, recorded = '', given = ''] = activity;
    return `its history has the activity ${recorded}, where the new code calls ${given}`;
  }
  const other = OTHER.exec(message);
  return other === null ? null : `the new code does not do what its history says: ${other[1] ?? ''}`;
}

/** Words of a name: `ActivityTaskScheduled` → `activity task scheduled`. */
function spelled(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
