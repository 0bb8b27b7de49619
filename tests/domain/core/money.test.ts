import fc from "fast-check";
import {
  formatMoney,
  isCurrency,
  LARGEST_QUANTITY,
  LARGEST_UNIT_PRICE_CENTS,
  lineTotal,
} from "../../../src/domain/core/money.ts";

/** Exact: rounds `numerator / denominator`, not negative, half up. */
const rounded = (numerator: bigint, denominator: bigint) =>
  (2n * numerator + denominator) / (2n * denominator);

describe("the total of a line", () => {
  it("equals exact arithmetic for every quantity, price, discount and tax", () => {
    const line = fc
      .record({
        thousandths: fc.integer({ min: 1, max: LARGEST_QUANTITY * 1000 }),
        price: fc.integer({ min: 0, max: LARGEST_UNIT_PRICE_CENTS }),
        taxBp: fc.integer({ min: 0, max: 10_000 }),
      })
      .chain((priced) => {
        const gross = Number(rounded(BigInt(priced.thousandths) * BigInt(priced.price), 1000n));
        return fc.record({ priced: fc.constant(priced), discount: fc.integer({ min: 0, max: gross }) });
      });
    fc.assert(
      fc.property(line, ({ priced: { thousandths, price, taxBp }, discount }) => {
        const gross = rounded(BigInt(thousandths) * BigInt(price), 1000n);
        const net = gross - BigInt(discount);
        const tax = rounded(net * BigInt(taxBp), 10_000n);
        expect(
          lineTotal({
            quantity: thousandths / 1000,
            unit_price_cents: price,
            discount_cents: discount,
            tax_bp: taxBp,
          }),
        ).toEqual({
          gross_cents: Number(gross),
          net_cents: Number(net),
          tax_cents: Number(tax),
          total_cents: Number(net + tax),
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [{ quantity: 0.5, unit_price_cents: 1, discount_cents: 0, tax_bp: 0 }, 1],
    [{ quantity: 0.499, unit_price_cents: 1, discount_cents: 0, tax_bp: 0 }, 0],
    [{ quantity: 1.005, unit_price_cents: 100, discount_cents: 0, tax_bp: 0 }, 101],
    [{ quantity: 3, unit_price_cents: 1_000, discount_cents: 500, tax_bp: 550 }, 2_638],
    [{ quantity: 10_000, unit_price_cents: 10_000_000, discount_cents: 0, tax_bp: 10_000 }, 200_000_000_000],
  ])("is rounded half up, once: %j", (line, total) => {
    expect(lineTotal(line).total_cents).toBe(total);
  });

  it("has a negative net amount when the discount is too high", () => {
    const line = { quantity: 1, unit_price_cents: 100, discount_cents: 150, tax_bp: 0 };
    expect(lineTotal(line).net_cents).toBe(-50);
  });
});

describe("the total of a basket", () => {
  it("equals exact arithmetic to the cent for 10,000 random baskets", () => {
    const line = fc.record({
      thousandths: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(1, 333, 500, 1_005, 2_675)),
      price: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(1, 5, 99, 1_001, 33_333)),
      discountPercent: fc.integer({ min: 0, max: 100 }),
      taxBp: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(0, 550, 825, 1_900)),
    });
    let baskets = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (basket) => {
        let exact = 0n;
        let ours = 0;
        for (const { thousandths, price, discountPercent, taxBp } of basket) {
          const gross = rounded(BigInt(thousandths) * BigInt(price), 1000n);
          const discount = (gross * BigInt(discountPercent)) / 100n;
          exact += gross - discount + rounded((gross - discount) * BigInt(taxBp), 10_000n);
          const priced = { quantity: thousandths / 1000, unit_price_cents: price, tax_bp: taxBp };
          ours += lineTotal({ ...priced, discount_cents: Number(discount) }).total_cents;
        }
        baskets++;
        return BigInt(ours) === exact;
      }),
      { numRuns: 10_000 },
    );
    expect(baskets).toBe(10_000);
  });
});

describe("formatMoney", () => {
  it.each([
    [450_000, "USD", "$4,500"],
    [45_050, "USD", "$450.50"],
    [5, "USD", "$0.05"],
    [0, "USD", "$0"],
    [-45_050, "USD", "-$450.50"],
    [4_500, "JPY", "¥4,500"],
    [450_000, "EUR", "€4,500"],
  ])("formats %d %s as %s", (cents, currency, words) => {
    expect(formatMoney(cents, currency)).toBe(words);
  });
});

describe("isCurrency", () => {
  it("accepts ISO 4217 codes in upper case only", () => {
    expect(["USD", "EUR", "usd", "XYZ", ""].filter(isCurrency)).toEqual(["USD", "EUR"]);
  });
});
