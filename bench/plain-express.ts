/** A plain Express POST in its own process: reads JSON, returns JSON. Sends its URL to the parent process. */
import type { AddressInfo } from "node:net";
import express from "express";

const app = express();
app.use(express.json());
app.post("/", (request, response) => {
  response.json({ success: true, data: request.body as unknown });
});
const server = app.listen(0, "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
process.on("disconnect", () => process.exit()); // The bench is gone.
