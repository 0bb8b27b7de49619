import { Address } from "../../entities/address.ts";
import { defineShape } from "../core/shape.ts";

/** Addresses are parts of customers and visits. */
export const addressShape = defineShape({ entity: Address });
