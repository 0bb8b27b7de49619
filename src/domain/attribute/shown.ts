import type { AttributeEntity } from "../../entities/attribute.ts";

/** Computed: what a record says to the business's own attributes, `{"windows": 25}`. */
export const attributesOf = (entity: AttributeEntity): string =>
  `(SELECT COALESCE(jsonb_object_agg(a.key, v.value), '{}') FROM attribute_value v
    JOIN attribute a ON a.id = v.attribute_id WHERE v.${entity}_id = r.id AND a.archived_at IS NULL)`;
