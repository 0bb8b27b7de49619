/** Limits of a priced line: a line stays below 2 × 10¹¹ cents, every product here below 2⁵³. */
export const LARGEST_QUANTITY = 10_000;
export const LARGEST_UNIT_PRICE_CENTS = 10_000_000;

export interface PricedLine {
  /** Above 0, up to three decimals. */
  quantity: number;
  unit_price_cents: number;
  discount_cents: number;
  /** Basis points: 550 is 5.5 %. */
  tax_bp: number;
}

export interface LineTotal {
  /** Quantity times price, before the discount. */
  gross_cents: number;
  /** After the discount, before tax; negative where the discount is too high. */
  net_cents: number;
  tax_cents: number;
  total_cents: number;
}

/** Integer arithmetic throughout: quantity in thousandths, each product rounded once, half away from zero. */
export function lineTotal({ quantity, unit_price_cents, discount_cents, tax_bp }: PricedLine): LineTotal {
  const gross_cents = divideHalfUp(Math.round(quantity * 1000) * unit_price_cents, 1000);
  const net_cents = gross_cents - discount_cents;
  const tax_cents = divideHalfUp(net_cents * tax_bp, 10_000);
  return { gross_cents, net_cents, tax_cents, total_cents: net_cents + tax_cents };
}

/** Integer division: a floating-point quotient could round the wrong way. */
function divideHalfUp(dividend: number, divisor: number): number {
  const size = Math.abs(dividend);
  const rest = size % divisor;
  const quotient = (size - rest) / divisor + (rest * 2 >= divisor ? 1 : 0);
  return dividend < 0 ? -quotient : quotient;
}

/** For sentences: `$4,500`, `$450.50`. */
export function formatMoney(cents: number, currency: string): string {
  const style = { style: "currency", currency } as const;
  const digits = new Intl.NumberFormat("en-US", style).resolvedOptions().maximumFractionDigits ?? 2;
  const amount = cents / 10 ** digits;
  const minimumFractionDigits = Number.isInteger(amount) ? 0 : digits;
  return new Intl.NumberFormat("en-US", { ...style, minimumFractionDigits }).format(amount);
}

/** Whether `code` is an ISO 4217 currency. */
export const isCurrency = (code: string): boolean => Intl.supportedValuesOf("currency").includes(code);
