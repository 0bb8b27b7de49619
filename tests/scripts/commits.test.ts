import { faultsOf } from "../../scripts/commits.ts";

describe("the check of commit messages", () => {
  it.each([
    "feat(domain): park what costs more than the limit",
    "fix: answer 404 for an unknown job",
    "refactor(domain/core)!: take one string for an action",
    "test(support): date lines written by factories before the test's Monday",
    "docs: MCP clients that were tried\n\nWhy it matters.\n",
    `chore: ${"a".repeat(65)}`,
    "perf(test): load less\n# a comment of git's\n",
  ])("lets %j pass", (message) => {
    expect(faultsOf(message)).toEqual([]);
  });

  it.each([
    ["no type", "Lines come whole", "wants"],
    ["an unknown type", "feature: add a page", "type is one of"],
    ["a scope in capitals", "feat(API): add a page", "wants"],
    ["a subject in capitals", "feat: Add a page", "lower case"],
    ["a past tense", "fix: fixed the page", "imperative"],
    ["a third person", "fix: adds a page", "imperative"],
    ["a full stop", "fix: add a page.", "full stop"],
    ["a long first line", `chore: ${"a".repeat(66)}`, "72 characters"],
    ["a body that follows at once", "fix: add a page\nbecause", "empty line"],
    ["a commit to be squashed", "fixup! fix: add a page", "squashed"],
    ["nothing", "", "wants"],
  ])("refuses %s", (_what, message, fault) => {
    expect(faultsOf(message)).toEqual([expect.stringContaining(fault)]);
  });
});
