import { aContact } from "./factories.ts";
import type { TestDatabase } from "./database.ts";
import { agent, type Pipeline, testPipeline } from "./pipeline.ts";

/** Before each test of a file a new customer; submits `probe.swear` about it, which a person must allow. */
export function submitting() {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });

  return {
    now: () => ({ test, pipeline, id }),
    submit: (data: unknown, rest = {}, actor = agent) => pipeline.submit(actor, "probe.swear", data, rest),
  };
}
