import { idOf } from "../core/ids.ts";

export const entryId = idOf("waitlist_entry");
