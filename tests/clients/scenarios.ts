/** The expected result of every conformance scenario of a revision: it passes, or does not apply for a reason. */
export interface Expected {
  passes: string[];
  /** Reason → scenarios that do not apply; their results are ignored. */
  apart: Record<string, string[]>;
  /** Checks that do not apply, inside scenarios that pass otherwise, with the reason. */
  checksApart?: Record<string, string>;
}

const all = (prefix: string, ...names: string[]) => names.map((name) => `${prefix}-${name}`);

const CALLS = all(
  "tools-call",
  ...["simple-text", "image", "audio", "embedded-resource", "mixed-content", "error", "with-progress"],
);
const RESOURCES = all("resources", "list", "read-text", "read-binary", "templates-read");
const SUBSCRIPTIONS = all("resources", "subscribe", "unsubscribe");
const PROMPTS = all(
  "prompts",
  ...["list", "get-simple", "get-with-args", "get-embedded-resource", "get-with-image"],
);
const ROUNDS = all(
  "input-required-result",
  ...["basic-elicitation", "basic-sampling", "basic-list-roots", "request-state", "multiple-input-requests"],
  ...["multi-round", "missing-input-response", "non-tool-request", "result-type", "unsupported-methods"],
  ...["tampered-state", "capability-check", "ignore-extra-params", "validate-input"],
);
const TASKS = all(
  "tasks",
  ...["lifecycle", "capability-negotiation", "wire-fields", "request-state-removal", "mrtr-input"],
  ...["request-headers", "dispatch-and-envelope", "status-notifications", "required-task-error"],
  "mrtr-composition",
);
const EVERYWHERE = ["tools-list", "dns-rebinding-protection"];
const MODERN = [
  ...EVERYWHERE,
  "server-stateless",
  "server-sse-multiple-streams",
  "caching",
  "http-header-validation",
];
const LEGACY = [...EVERYWHERE, "server-initialize", "ping"];

const BEYOND_MODERN = {
  "an extension that a server may leave out, not scored: a long job here is asked for with job_status": TASKS,
  "not scored yet for this revision; needs a tool made for it": [
    "json-schema-2020-12",
    "http-custom-header-server-validation",
  ],
};
const BEYOND_LEGACY = {
  "asks the caller in the middle of a call, which in this revision takes a session; there are none": [
    ...all("tools-call", "sampling", "elicitation"),
    ...all("elicitation", "sep1034-defaults", "sep1330-enums"),
  ],
  "in this revision only tried within a session; there are none": ["server-sse-multiple-streams"],
  "about sessions and resumed streams, not scored; there are none": [
    "server-session-lifecycle",
    "server-sse-polling",
  ],
  "not scored yet for this revision; needs a tool made for it": ["json-schema-2020-12"],
};
const NOT_IN_THE_PRODUCT = {
  "calls tools that only a fixture has": CALLS,
  "the product has no resources": RESOURCES,
  "the product has no prompts": PROMPTS,
  "the product completes no arguments": ["completion-complete"],
};

const NO_SUCH_TOOL = "calls a diagnostic tool that only a fixture has";
const NO_SUCH_LIST = "the product has no such list";

export const onTheFixture: Record<string, Expected> = {
  "2026-07-28": {
    passes: [
      ...MODERN,
      ...CALLS,
      ...RESOURCES,
      ...PROMPTS,
      ...ROUNDS,
      "completion-complete",
      "sep-2164-resource-not-found",
    ],
    apart: BEYOND_MODERN,
  },
  "2025-11-25": {
    passes: [
      ...LEGACY,
      ...CALLS,
      ...RESOURCES,
      ...SUBSCRIPTIONS,
      ...PROMPTS,
      "completion-complete",
      "logging-set-level",
      "tools-call-with-logging",
    ],
    apart: BEYOND_LEGACY,
  },
};

export const onTheProduct: Record<string, Expected> = {
  "2026-07-28": {
    passes: MODERN,
    apart: {
      ...BEYOND_MODERN,
      ...NOT_IN_THE_PRODUCT,
      "the product asks nobody but its people": ROUNDS,
      "there is no resource that could be missing": ["sep-2164-resource-not-found"],
    },
    checksApart: {
      "sep-2575-server-rejects-undeclared-capability": NO_SUCH_TOOL,
      "sep-2575-missing-capability-http-400": NO_SUCH_TOOL,
      "sep-2575-http-server-no-independent-requests-on-stream": NO_SUCH_TOOL,
      "sep-2575-server-no-log-without-loglevel": NO_SUCH_TOOL,
      "sep-2549-prompts-list-caching-hints": NO_SUCH_LIST,
      "sep-2549-resources-list-caching-hints": NO_SUCH_LIST,
      "sep-2549-resources-templates-list-caching-hints": NO_SUCH_LIST,
    },
  },
  "2025-11-25": {
    passes: LEGACY,
    apart: {
      ...BEYOND_LEGACY,
      ...NOT_IN_THE_PRODUCT,
      "the product has no resources to watch": SUBSCRIPTIONS,
      "the product sends no log messages": ["logging-set-level", "tools-call-with-logging"],
    },
  },
};
