import { z } from "zod";
import { idOf } from "../core/ids.ts";

export const attributeId = idOf("attribute");

export const attributeKey = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,59}$/, "must be lower case with underscores, such as gate_code");
