import { LineItem } from "../../entities/line-item.ts";
import { CURRENCY, defineShape } from "../core/shape.ts";

/** Line items are parts of visits and invoices. */
export const lineItemShape = defineShape({ entity: LineItem, computed: { currency: CURRENCY } });
