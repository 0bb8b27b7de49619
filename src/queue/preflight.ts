export { PreflightError } from "../database/preflight/error.ts";

/** A usable queue, perhaps with a warning. */
export interface Preflight {
  text: string;
  caution?: { what: string; todo: string };
}
