-- A rule of Allow Always is worth what its scope says (src/domain/engine/authorization/coverage.ts).

-- What a rule made from this request would be about, and how it can be limited. Null: Allow Once only.
ALTER TABLE "authorization" ADD COLUMN rule_offer jsonb;

-- The measures that a person approved, one entry for each data cause. A rule for one record holds while none is greater.
ALTER TABLE rule ADD COLUMN approved jsonb NOT NULL DEFAULT '[]';

-- Why it ended, where no person revoked it.
ALTER TABLE rule ADD COLUMN revoked_reason text;
ALTER TABLE rule_change ADD COLUMN reason text;
