import { parse } from "../../../domain/core/input.ts";
import { auditQuery } from "../../rest/audit.ts";
import type { Call } from "../../route.ts";
import { definePage, frameOf, PAGE_SIZE, type PageParts, view } from "../page.ts";
import { renderAudit } from "./page.tsx";

export const auditPage = definePage({
  path: "/audit",
  navigation: "Audit",
  for: "people",
  routes: (parts) => [
    view({ path: "/audit", summary: "Who did what", handler: (call) => showAudit(parts, call) }),
  ],
});

async function showAudit(parts: PageParts, { principal, request, response }: Call): Promise<string> {
  const filled = Object.entries(request.query).filter(([, value]) => value !== ""); // Forms send empty fields too.
  const { limit = PAGE_SIZE, ...selection } = parse(auditQuery, Object.fromEntries(filled));
  const [list, frame] = await Promise.all([
    parts.crm.audit(principal, { ...selection, limit }),
    frameOf(parts, response),
  ]);
  return renderAudit({ ...frame, list, selection });
}
