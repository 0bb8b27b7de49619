import { idOf } from "../core/ids.ts";
import { defineFilter, type Filter } from "../core/record-type.ts";

/** The customer that `r.customer_id` refers to. The id of a merged duplicate finds the records of the kept contact. */
export const customer = (description: string): Filter =>
  defineFilter({
    description,
    schema: idOf("contact"),
    where(value, bind) {
      const id = bind(value);
      return `r.customer_id = COALESCE((SELECT c.merged_into_id FROM contact c WHERE c.id = ${id}), ${id})`;
    },
  });
