import type { Address } from "../../entities/address.ts";

/** The address in one line: `123 Main Street, Madison, WI 53703`. */
export const addressLine = ({
  lines,
  city,
  region,
  postal_code,
}: Pick<Address, "lines" | "city" | "region" | "postal_code">): string =>
  [...lines, city, [region, postal_code].filter(Boolean).join(" ")].filter(Boolean).join(", ");
