/** A queue that cannot be used: what is wrong, and what to do about it. */
export class Unfit extends Error {
  readonly what: string;
  readonly todo: string;

  constructor(what: string, todo: string) {
    super(`${what}. ${todo}`);
    this.what = what;
    this.todo = todo;
  }
}

/** A queue that can be used, and what would make it better. */
export interface Inspection {
  text: string;
  caution?: { what: string; todo: string };
}
