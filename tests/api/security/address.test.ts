import { networkOf } from "../../../src/api/security/address.ts";

describe("the network that sign-ins are counted by", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80::/64"],
    ["::1", "::/64"],
    ["no address", "unknown"],
    [null, "unknown"],
  ])("of %s is %s", (address, network) => expect(networkOf(address)).toBe(network));

  it("differs between two IPv6 networks of one provider", () => {
    expect(networkOf("2001:db8:1:3::1")).not.toBe(networkOf("2001:db8:1:2::1"));
  });
});
