import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely';

import type { MessageData } from '../../domain/messages/message';
import type { EncryptedJson } from '../encryption';

/** Rows of `message_changes`: changes whose messages are not numbered yet, written by whoever makes the change. */
export interface MessageChangesTable {
  readonly position: GeneratedAlways<string>;
  id: Generated<string>;
  kind: 'subject' | 'recorded' | 'message' | 'set' | 'obligation';
  /** Workflow id of the subject, or the name of what a message is about. */
  subject: string;
  before: JSONColumnType<object> | null;
  after: JSONColumnType<object>;
  changed_at: Generated<Date>;
}

/** Rows of `messages`: every message, in the order of the feed, until its retention ends. */
export interface MessagesTable {
  /** Place in the feed: without gaps, and none appears below one that was seen. */
  sequence: string;
  /** `webhook-id`, and id of the event. */
  id: string;
  type: string;
  subject: string;
  at: Date;
  numbered_at: Generated<Date>;
  /** Encrypted where bodies are; null where it was erased. */
  data: JSONColumnType<MessageData | EncryptedJson> | null;
}

/** The row of `message_numbers`. */
export interface MessageNumbersTable {
  /** Last number that was given. */
  last: string;
  /** Number up to which messages are removed. */
  removed_through: string;
}

/** Tables of the feed of messages. */
export interface MessageTables {
  message_changes: MessageChangesTable;
  messages: MessagesTable;
  message_numbers: MessageNumbersTable;
}
