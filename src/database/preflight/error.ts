/** A database, queue or mail server is unusable: the problem and how to solve it. */
export class PreflightError extends Error {
  readonly what: string;
  readonly todo: string;

  constructor(what: string, todo: string) {
    super(`${what}. ${todo}`);
    this.what = what;
    this.todo = todo;
  }
}
