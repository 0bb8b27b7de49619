import { z } from "zod";

/** Text up to `max` characters, without blanks around it, never empty. */
export const text = (max: number) => z.string().trim().min(1, "must not be empty").max(max);

/** Why somebody asks for something. The person who decides reads all of it, so it has an end. */
export const reasoningText = z.string().max(10_000);
