/** Members of a message's `data`. */
export type MessageData = Readonly<Record<string, unknown>>;
