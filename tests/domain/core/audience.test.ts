import type { Action } from "../../../src/domain/core/action.ts";
import { checkAudience } from "../../../src/domain/core/audience.ts";
import type { PrincipalKind } from "../../../src/entities/job.ts";
import { note } from "../../support/probe-actions.ts";

describe("checkAudience", () => {
  const kinds: PrincipalKind[] = ["owner", "office", "technician", "agent", "system", "customer"];

  it.each<[string, Action["audience"], PrincipalKind[]]>([
    ["for everybody", undefined, ["owner", "office", "agent", "system"]],
    ["for people", "people", ["owner", "office", "system"]],
    ["for the system", "system", ["system"]],
    ["for customers", "customer", ["customer"]],
  ])("lets an action %s be requested by its audience only", (_for, audience, allowed) => {
    const accepted = kinds.filter((kind) => {
      try {
        checkAudience({ ...note, audience }, kind);
        return true;
      } catch {
        return false;
      }
    });
    expect(accepted).toEqual(allowed);
  });

  it.each<[PrincipalKind, Action["audience"], string, string]>([
    [
      "technician",
      undefined,
      "A technician's sign-in cannot change records yet.",
      "Ask the office to do it.",
    ],
    [
      "owner",
      "system",
      "probe.note is an internal step and cannot be requested.",
      "crm_capabilities lists the actions that can be requested.",
    ],
    [
      "agent",
      "people",
      "probe.note is for people only.",
      "Ask the owner to do it; crm_capabilities lists what an agent can do.",
    ],
  ])("tells a %s why, and the next step", (kind, audience, message, hint) => {
    let thrown: unknown;
    try {
      checkAudience({ ...note, audience }, kind);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "forbidden", body: { message, hint } });
  });
});
