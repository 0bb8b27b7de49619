import type { AttributeEntity } from "../../entities/attribute.ts";
import type { AttributeValue } from "../../entities/attribute-value.ts";
import { computed, type Computed } from "../core/shape.ts";

/** Computed: a record's values of the attributes that the business defined, `{"windows": 25}`. */
export const attributesOf = (entity: AttributeEntity): Computed<Record<string, AttributeValue["value"]>> =>
  computed(`(SELECT COALESCE(jsonb_object_agg(a.key, v.value), '{}') FROM attribute_value v
    JOIN attribute a ON a.id = v.attribute_id WHERE v.${entity}_id = r.id AND a.archived_at IS NULL)`);
