import { diffPreviews } from "../../../src/domain/engine/diff-previews.ts";
import type { PreviewChange } from "../../../src/domain/engine/preview.ts";

const preview = (changes: PreviewChange[], facts = {}) => ({
  facts,
  preview: { changes, messages: [], money: [] },
});
const deleted = (before: Record<string, unknown>): PreviewChange => ({
  ...{ record: "ticket", id: "ticket_1", label: "Ticket #1" },
  ...{ operation: "delete", before, after: null },
});
const updated = (notes: string, label = "Ticket #1"): PreviewChange => ({
  ...{ record: "ticket", id: "ticket_1", label },
  ...{ operation: "update", before: { notes: "old" }, after: { notes } },
});

describe("the difference between two previews", () => {
  it("is nothing for the same changes, whatever their labels", () => {
    expect(diffPreviews(preview([updated("new")]), preview([updated("new", "Ticket #2")]))).toEqual([]);
  });

  it("names each fact that differs, appeared or went", () => {
    const seen = preview([], { same: 1, value: 1, gone: "x" });
    expect(diffPreviews(seen, preview([], { same: 1, value: 2, came: "y" }))).toEqual([
      { what: "fact", name: "value", before: 1, after: 2 },
      { what: "fact", name: "gone", before: "x", after: null },
      { what: "fact", name: "came", before: null, after: "y" },
    ]);
  });

  it("shows a changed row on both sides", () => {
    const side = { record: "ticket", operation: "update", before: { notes: "old" } };
    expect(diffPreviews(preview([updated("new")]), preview([updated("newer", "Ticket #2")]))).toEqual([
      {
        ...{ what: "change", name: "Ticket #2" },
        ...{ before: { ...side, after: { notes: "new" } }, after: { ...side, after: { notes: "newer" } } },
      },
    ]);
  });

  it("shows nothing on the side that does not have the row, and a deletion without columns", () => {
    const change = { what: "change", name: "Ticket #1" };
    const shown = { record: "ticket", operation: "delete" };
    const one = preview([deleted({ notes: "x" })]);
    expect(diffPreviews(one, preview([]))).toEqual([{ ...change, before: shown, after: null }]);
    expect(diffPreviews(preview([]), one)).toEqual([{ ...change, before: null, after: shown }]);
  });

  it("shows only the differing columns of a row that both delete; one that is missing is null", () => {
    const seen = preview([deleted({ notes: "x", number: 1, old: null })]);
    const current = preview([deleted({ notes: "y", number: 1, added: null })]);
    expect(diffPreviews(seen, current)).toMatchObject([
      { before: { before: { notes: "x" } }, after: { before: { notes: "y" } } },
    ]);
    const [moved] = diffPreviews(seen, current);
    expect(moved?.before).toHaveProperty("before", { notes: "x" });
    expect(moved?.after).toHaveProperty("before", { notes: "y" });
  });
});
