import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";

/** Authorizations, rules and rule changes that are not what their newest decision says, in words. */
export async function undecidedRows(db: EntityManager): Promise<string[]> {
  const found = await rows<{ text: string }>(
    db,
    `SELECT 'authorization ' || a.id || CASE WHEN d.status IS NULL THEN ' was added: no decision made it ' || a.status
         ELSE ' was changed: it is ' || a.status || ', but the decision was ' || d.status END AS text
     FROM public."authorization" a LEFT JOIN LATERAL (
       SELECT o.status FROM public.decision o WHERE o.table_name = 'authorization' AND o.record_id = a.id
       ORDER BY o.id DESC LIMIT 1) d ON true
     WHERE a.status <> coalesce(d.status, 'pending')
     UNION ALL SELECT 'rule ' || r.id || ' was added: no decision created it' FROM public.rule r
     WHERE NOT EXISTS (SELECT FROM public.decision o WHERE o.table_name = 'rule' AND o.record_id = r.id)
     UNION ALL SELECT 'rule_change ' || n.id || ' was added: no decision belongs to it' FROM public.rule_change n
     WHERE NOT EXISTS (SELECT FROM public.decision o WHERE o.table_name = 'rule_change' AND o.record_id = n.id::text)
     ORDER BY text`,
  );
  return found.map(({ text }) => text);
}
