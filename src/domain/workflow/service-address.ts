import type { EntityManager } from "typeorm";
import { Address } from "../../entities/address.ts";
import { addressLine } from "../contact/address-line.ts";
import { CrmError, notFound, validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";

/**
 * The customer's address that an id, a label (`Home`) or a part of its text names; without one, the only address for
 * visits. Null: the customer has none. Throws `ambiguous` with the addresses where several may be meant, and
 * `validation_failed` for one that is not on file.
 */
export async function findServiceAddress(
  db: EntityManager,
  customerId: string,
  identifier: string | undefined,
): Promise<Address | null> {
  const known = await db.find(Address, {
    where: { contact_id: customerId },
    order: { created_at: "ASC", id: "ASC" },
  });
  if (identifier === undefined) return onlyOne(known.filter(({ kind }) => kind === "service"));
  if (prefixOf(identifier) === "address") {
    const named = known.find(({ id }) => id === identifier);
    if (!named) throw notFound("address", identifier);
    return named;
  }
  const wanted = plain(identifier);
  const labelled = known.filter(({ label }) => plain(label) === wanted);
  const isIn = (address: Address) => ` ${plain(addressLine(address))} `.includes(` ${wanted} `);
  const found = labelled.length > 0 ? labelled : wanted === "" ? [] : known.filter(isIn);
  if (found.length === 0) throw unknownAddress(identifier, known);
  return onlyOne(found);
}

/** Lower case, without punctuation: `123 main street madison wi 53703`. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

function onlyOne(addresses: readonly Address[]): Address | null {
  if (addresses.length < 2) return addresses[0] ?? null;
  throw new CrmError("ambiguous", `The customer has ${addresses.length} addresses that may be meant.`, {
    fields: [{ path: "data.address_identifier", message: "is not clear" }],
    hint: "Ask which one, then give its id as address_identifier.",
    extra: { candidates: addresses.map(candidateOf) },
  });
}

const candidateOf = (address: Address) => ({
  id: address.id,
  name: address.label,
  summary: `${address.label}: ${addressLine(address)}`,
});

const unknownAddress = (identifier: string, known: readonly Address[]): CrmError =>
  validationFailed(
    [
      {
        path: "data.address_identifier",
        message: `${JSON.stringify(identifier.slice(0, 80))} is no address of this customer`,
      },
    ],
    known.length > 0
      ? `On file: ${known.map(({ id, label }) => `${label} (${id})`).join(", ")}. Add a new one with contact.add_address.`
      : "None is on file. Add it with contact.add_address, or leave address_identifier out.",
  );
