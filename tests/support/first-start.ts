import { type FirstRun, type Installation, makeInstallation, type Run } from "./program.ts";

/** Before the tests of a describe the first start of the unbundled program, on an empty folder. */
export function firstStart() {
  let installation: Installation;
  let running: Run;
  let url: string;
  let first: FirstRun;
  beforeAll(async () => {
    installation = await makeInstallation();
    await start();
    first = await installation.firstRun();
  });
  afterAll(() => installation.clear());

  async function start(): Promise<void> {
    running = installation.run(["start"]);
    url = await running.ready;
  }
  return { now: () => ({ installation, running, url, first }), start };
}

/** Calls the API with this token. */
export async function callApi(
  url: string,
  path: string,
  token: string,
): Promise<{ status: number; data: unknown }> {
  const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } });
  const { data } = (await response.json()) as { data: unknown };
  return { status: response.status, data };
}

/** Stops the program by a signal; expects exit code 0 within ten seconds and no PostgreSQL process. */
export async function endsCleanly(
  installation: Installation,
  run: Run,
  signal: NodeJS.Signals,
): Promise<void> {
  const late = AbortSignal.timeout(10_000);
  run.signal(signal);
  expect({ code: await run.exit, late: late.aborted, left: await installation.postgres() }).toEqual({
    code: 0,
    late: false,
    left: [],
  });
}
