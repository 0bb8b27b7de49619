import { archiveTemplate } from "../../../src/domain/template/archive.ts";
import { createTemplate } from "../../../src/domain/template/create.ts";
import { updateTemplate } from "../../../src/domain/template/update.ts";
import { Template } from "../../../src/entities/template.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { agent, makePipeline, owner } from "../../support/pipeline.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const email = {
  name: "hello",
  channel: "email",
  subject: "Hello {{customer.name}}",
  body: "We come.",
} as const;

describe("message templates", () => {
  it("are created, updated and archived by people only", async () => {
    const pipeline = makePipeline(test.db);
    const made = await pipeline.ask(owner, "template.create", email);
    expect(made.result).toMatchObject({ ...email, id: expect.stringMatching(/^template_/) });
    const { id } = made.result as Template;
    const asked = pipeline.ask(agent, "template.update", { id, body: "Pay me" });
    await expect(asked).rejects.toMatchObject({ code: "forbidden" });
    expect(await act(test.db, updateTemplate, { id, body: "We come soon." })).toMatchObject({ version: 2 });
    expect((await pipeline.ask(owner, "template.create", email)).error?.message).toContain(
      "with this name and channel already",
    );
    const archived = await pipeline.ask(owner, "template.archive", { id });
    await pipeline.ask(owner, "job.undo", { job_id: archived.id });
    expect(await test.db.getRepository(Template).findOneByOrFail({ id })).toMatchObject({
      archived_at: null,
    });
    expect(await act(test.db, archiveTemplate, { id })).toMatchObject({ archived_at: expect.any(Date) });
  });

  it.each([
    [{ body: "Hello {{customer.name" }, "body"],
    [{ body: "{{#customer}}Hello" }, "body"],
    [{ subject: null }, "subject"],
    [{ channel: "sms" as const }, "subject"],
    [{ body: "Hello.\n{{>footer}}" }, "body"],
    [{ body: "{{#customer.company}}{{> footer }}{{/customer.company}}" }, "body"],
    [{ subject: "{{=<% %>=}}Hello <%name%>" }, "subject"],
    [{ body: "Hello {{.}}" }, "body"],
  ])("reject %j", async (values, field) => {
    const error = await refusal(act(test.db, createTemplate, { ...email, name: "other", ...values }));
    expect(error).toMatchObject({ code: "validation_failed", fields: [{ path: `data.${field}` }] });
  });

  it("reject an unsupported tag on create and update, and suggest what to write", async () => {
    const { id } = await act(test.db, createTemplate, { name: "long", channel: "sms", body: "We come." });
    const error = await refusal(act(test.db, updateTemplate, { id, body: "We come. {{>footer}}" }));
    expect(error.fields[0]?.message).toMatch(/\{\{>footer\}\}.*write its text here instead/);
    const section = "{{#customer}}{{name}}{{/customer}}{{! a remark }}";
    expect(await act(test.db, updateTemplate, { id, body: section })).toMatchObject({ body: section });
  });

  it("reject an update whose subject does not fit the channel", async () => {
    const { id } = await act(test.db, createTemplate, { name: "sms", channel: "sms", body: "We come." });
    const error = await refusal(act(test.db, updateTemplate, { id, channel: "email" }));
    expect(error.fields).toMatchObject([{ path: "data.subject" }]);
    const both = { id, channel: "email" as const, subject: "Soon" };
    expect(await act(test.db, updateTemplate, both)).toMatchObject({ channel: "email", subject: "Soon" });
  });
});
