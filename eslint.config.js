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
  { files: ["tests/**", "bench/**"], rules: { "max-lines": "off" } },
);
