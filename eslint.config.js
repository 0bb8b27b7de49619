import regexp from "eslint-plugin-regexp";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", ".countersign/", "bench/results/"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "max-lines": ["error", { max: 250, skipBlankLines: false }],
      "no-console": "error",
    },
  },
  // A long text must not hold a process: the time of a pattern grows in proportion to the text.
  {
    files: ["src/**"],
    plugins: { regexp },
    rules: {
      "regexp/no-super-linear-backtracking": "error",
      "regexp/no-super-linear-move": "error",
    },
  },
  { files: ["src/**", "scripts/**", "bench/**"], rules: { "max-params": ["error", 3] } },
  // Not for tests: a `describe` is one long function, and a helper that is called once a line takes what the line says.
  {
    files: ["src/**"],
    rules: { "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }] },
  },
  // jest loads these two with require().
  { files: ["tests/support/jest/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  { files: ["tests/**", "bench/**"], rules: { "max-lines": "off" } },
);
