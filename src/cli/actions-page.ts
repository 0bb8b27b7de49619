import { actionKey } from "../domain/core/action.ts";
import type { Domain, Registry } from "../domain/core/registry.ts";

const HEAD = ["action", "level", "raised when", "summary"];

const INTRODUCTION = `# Actions

<!-- \`npm run generate\` writes this file. Do not edit it. -->

Everything that changes a record is one of these actions. REST (\`POST /api/actions\`), MCP (\`crm_action\`) and the pages
call the same ones. [Glossary: level](glossary.md#level) explains the levels. \`raised when\` names the facts that raise
the declared level for one request. A running Countersign shows parameters and examples at \`/docs\`, and answers them to
\`GET /api/capabilities?domain=contact\` and to the tool \`crm_capabilities\`.`;

/** The text of docs/actions.md: every action of the registry, one section per domain. */
export function actionsPage({ domains }: Registry): string {
  const sections = domains.filter(({ actions }) => actions.length > 0).map(sectionOf);
  return [INTRODUCTION, ...sections].join("\n\n");
}

const sectionOf = (domain: Domain): string =>
  [`## ${domain.domain}`, `${domain.description}.`, tableOf(domain)].join("\n\n");

function tableOf({ actions }: Domain): string {
  const lines = actions.map((action) => [
    `\`${actionKey(action)}\`${action.audience ? ` (${action.audience} only)` : ""}`,
    `\`${action.permission}\``,
    action.raisedWhen ?? "",
    action.summary,
  ]);
  return [HEAD, HEAD.map(() => "---"), ...lines].map(row).join("\n");
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
