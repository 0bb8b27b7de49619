import type { AttributeEntity } from "../../entities/attribute.ts";

/** SQL for a computed column: a record's attribute values, `{"windows": 25}`. */
export const attributesOf = (entity: AttributeEntity): string =>
  `(SELECT COALESCE(jsonb_object_agg(a.key, v.value), '{}') FROM attribute_value v
    JOIN attribute a ON a.id = v.attribute_id WHERE v.${entity}_id = r.id AND a.archived_at IS NULL)`;
