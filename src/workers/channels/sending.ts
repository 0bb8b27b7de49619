/** What came of one try to send something outside. The words are ours: a stranger's never reach a record. */
export type Sending =
  | { kind: "sent"; providerId: string | null }
  /** Not accepted, that is certain; `forGood`: another try would end the same. */
  | { kind: "refused"; words: string; forGood: boolean }
  /** Handed over, and no answer: it may have arrived. */
  | { kind: "unknown"; words: string };

/** A message as a channel takes it. */
export interface Letter {
  /** Of its delivery: the same in every try. */
  id: string;
  to: string;
  subject: string | null;
  /** Plain text. */
  body: string;
  attachments?: Attachment[];
}

export interface Attachment {
  filename: string;
  contentType: string;
  content: Buffer;
}

/** Never throws; `signal` ends a try that takes too long. */
export type SendLetter = (letter: Letter, signal: AbortSignal) => Promise<Sending>;

export const refused = (words: string, forGood = false): Sending => ({ kind: "refused", words, forGood });
