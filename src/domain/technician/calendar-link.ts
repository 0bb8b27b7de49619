import { z } from "zod";
import { rows } from "../../database/sql.ts";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { CrmError } from "../core/errors.ts";
import { findOrFail } from "../core/records.ts";
import { hashOf, newSecret } from "../core/secrets.ts";
import { endCalendarLink } from "./calendar-feed.ts";
import { technicianId } from "./fields.ts";

const STORE = `INSERT INTO calendar_link (technician_id, token_hash, created_at) VALUES ($1, $2, $3)
  ON CONFLICT (technician_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at`;

interface Made {
  id: string;
  /** Only here: the table has its hash. Null: the technician has no link any more. */
  link: string | null;
}

export const makeCalendarLink = defineAction({
  domain: "technician",
  name: "calendar_link",
  summary:
    "Make the private link of a technician's calendar feed, for a phone or a calendar program. An earlier link ends.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({
    id: technicianId,
    revoke: z.boolean().default(false).describe("true: only end the link"),
  }),
  example: { id: "technician_01kb2m6x8efh5rt3zqk9w7ycd4" },

  targets: ({ id }) => [id],

  outcome: ({ link }: Made) =>
    link === null ? "The link has ended." : "The link works; an earlier one has ended.",

  async handler({ db, now, publicUrl }, { id, revoke }) {
    const technician = await findOrFail(db, Technician, id);
    if (revoke) {
      await endCalendarLink(db, id);
      return { id, link: null };
    }
    if (!technician.active) throw archived(technician);
    const secret = newSecret();
    await rows(db, STORE, [id, hashOf(secret), now]);
    return { id, link: `${publicUrl}/calendar/${secret}.ics` };
  },
});

const archived = ({ id, name }: Technician): CrmError =>
  new CrmError("invalid_state", `${name} is archived and has no calendar feed.`, {
    hint: `Restore the technician first: technician.update with {"id": "${id}", "active": true}.`,
  });
