import type { EvidenceTable } from "../../entities/seal.ts";

// The expressions of 0007-evidence.sql, with functions of PostgreSQL only: the owner of the tables could have replaced
// those of the migration. A row that is sealed there and read here must give the same hash; tests/attacks checks it.

const micros = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint`;
const hash = (text: string) => `sha256(convert_to(${text}, 'UTF8'))`;
const filled = (row: string) =>
  `(SELECT jsonb_object_agg(f.key, f.value)::text FROM jsonb_each(${row}) f WHERE f.value <> 'null')`;

const CHANGE_TEXT = `jsonb_build_array(c.id, c.job_id, c.table_name, c.record_id, c.operation, ${micros("c.at")})::text
  || coalesce(c.before::text, 'null') || coalesce(c.after::text, 'null')`;

const RULE = `jsonb_build_object('id', r.id, 'action', r.action, 'principal', r.principal,
  'principal_name', r.principal_name, 'causes', r.causes, 'authorization_id', r.authorization_id,
  'created_by', r.created_by, 'created_by_name', r.created_by_name, 'created_at', r.created_at)`;

const DECIDED = `CASE d.table_name WHEN 'authorization' THEN to_jsonb(a) - ARRAY['status', 'superseded_by']
  WHEN 'rule' THEN CASE WHEN r.id IS NOT NULL THEN ${RULE} END WHEN 'rule_change' THEN to_jsonb(n) END`;

const DECISION_TEXT = `jsonb_build_array(d.id, d.table_name, d.record_id, d.status, ${micros("d.at")})::text
  || coalesce(${filled(DECIDED)}, 'null')`;

const salted = (row: string, text: string) => hash(`coalesce(${row}.salt::text, '') || ${text}`);

/**
 * SQL for each table: its rows with $1 < id <= $2 as `row_id`, `name`, `at`, `erased` (the salt is gone), `stored` (the
 * hash in the row, if it has one) and `actual` (the hash of the row as it is now). Needs the time zone UTC.
 */
export const PRESENT: Record<EvidenceTable, string> = {
  change: `SELECT c.id AS row_id, 'change ' || c.id AS name, c.at, c.salt IS NULL AS erased, c.hash AS stored,
      ${salted("c", CHANGE_TEXT)} AS actual
    FROM public.change c WHERE c.id > $1 AND c.id <= $2`,
  decision: `SELECT d.id AS row_id, d.table_name || ' ' || d.record_id || ' (decision ' || d.id || ')' AS name, d.at,
      d.salt IS NULL AS erased, d.hash AS stored, ${salted("d", DECISION_TEXT)} AS actual
    FROM public.decision d
    LEFT JOIN public."authorization" a ON d.table_name = 'authorization' AND a.id = d.record_id
    LEFT JOIN public.rule r ON d.table_name = 'rule' AND r.id = d.record_id
    LEFT JOIN public.rule_change n ON d.table_name = 'rule_change' AND n.id::text = d.record_id
    WHERE d.id > $1 AND d.id <= $2`,
  security_event: `SELECT e.id AS row_id, 'security_event ' || e.id AS name, e.at, false AS erased, NULL::bytea AS stored,
      ${hash(filled("to_jsonb(e)"))} AS actual
    FROM public.security_event e WHERE e.id > $1 AND e.id <= $2`,
  erasure: `SELECT e.id AS row_id, 'erasure ' || e.id AS name, e.at, false AS erased, NULL::bytea AS stored,
      ${hash(filled("to_jsonb(e)"))} AS actual
    FROM public.erasure e WHERE e.id > $1 AND e.id <= $2`,
};

/** SQL: a page of seals after the id $1, with `actual_rows` and `actual_hash` as they should be. */
export const SEALS = `SELECT s.id, s.table_name, s.after_id, s.last_id, s.row_count, s.began_at, s.sealed_at,
    encode(s.rows_hash, 'hex') AS rows_hash, encode(s.previous, 'hex') AS previous, encode(s.hash, 'hex') AS hash,
    (SELECT encode(sha256(coalesce(string_agg(int8send(r.row_id) || r.whole || r.redacted
       || int8send(coalesce(${micros("r.expires_at")}, 0)), '' ORDER BY r.row_id), '')), 'hex')
     FROM public.sealed_row r
     WHERE r.table_name = s.table_name AND r.row_id > s.after_id AND r.row_id <= s.last_id) AS actual_rows,
    encode(${hash(`jsonb_build_array(s.id, s.table_name, s.after_id, s.last_id, s.row_count, ${micros("s.began_at")},
      ${micros("s.sealed_at")}, encode(s.rows_hash, 'hex'), encode(s.previous, 'hex'))::text`)}, 'hex') AS actual_hash
  FROM public.seal s WHERE s.id > $1 ORDER BY s.id LIMIT $2`;
