import { computed, defineShape, fieldsOf } from "../../../src/domain/core/shape.ts";
import { BusinessRecord } from "../../../src/entities/columns.ts";
import { Holiday } from "../../../src/entities/holiday.ts";

describe("the shape of a table", () => {
  it("has each column once, the id first, and then the computed fields", () => {
    const shape = defineShape({
      entity: Holiday,
      computed: { weekday: computed<string>("to_char(r.date)") },
    });
    expect(shape.table).toBe("holiday");
    expect(fieldsOf(shape)).toEqual([
      "id",
      "date",
      "name",
      "archived_at",
      "created_at",
      "updated_at",
      "version",
      "weekday",
    ]);
  });

  it("has no hidden column", () => {
    const { columns } = defineShape({ entity: Holiday, hidden: ["name"] });
    expect(columns).toEqual(["id", "date", "archived_at", "created_at", "updated_at", "version"]);
  });

  it("is refused for a class that is no table", () => {
    class Stray extends BusinessRecord {}
    expect(() => defineShape({ entity: Stray })).toThrow("Stray is no entity with a table name");
  });
});
