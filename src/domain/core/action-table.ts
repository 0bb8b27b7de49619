import { actionKey } from "./action.ts";
import type { Registry } from "./registry.ts";

const HEAD = ["action", "permission", "raised when", "summary"];

/** Every action in one table, for a reader of Markdown. */
export function actionTable({ actions }: Registry): string {
  const lines = [...actions.values()].map((action) => [
    `\`${actionKey(action)}\`${action.audience ? ` (${action.audience} only)` : ""}`,
    `\`${action.permission}\``,
    action.raisedWhen ?? "",
    action.summary,
  ]);
  return [HEAD, HEAD.map(() => "---"), ...lines].map(row).join("\n");
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
