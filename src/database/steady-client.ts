import pg from "pg";

/**
 * A connection whose loss never ends the process. Pools listen only to their idle connections, so one that is lost
 * between two statements would be an uncaught error. Its next statement rejects.
 */
export class SteadyClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on("error", () => undefined);
  }
}
