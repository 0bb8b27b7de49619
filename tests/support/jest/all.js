// `npm run test:all`: the long form, which includes `npm test`.
process.env.TEST_FORM = "long";
process.env.FAULT_KILLS ??= "10";
process.env.FAULT_DOWN_MS ??= "30000";
await import("../../../node_modules/jest/bin/jest.js"); // A path, because jest does not export it.
