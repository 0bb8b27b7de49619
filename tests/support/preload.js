// Loads a test's TypeScript into a process of the product before the product itself. JavaScript, because tsx registered
// a second time (`--import tsx`) hangs where its cache is empty.
import { register } from "tsx/esm/api";

const unregister = register();
await import(new URL(process.env.PRELOAD, import.meta.url));
await unregister();
