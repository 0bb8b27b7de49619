import type { Domain } from "../core/registry.ts";
import { cancelMessage } from "./cancel.ts";
import { logInboundMessage } from "./log-inbound.ts";
import { markMessage } from "./mark.ts";
import { sendMessage } from "./send.ts";
import { messages } from "./type.ts";
import { messageReversal } from "./reversal.ts";

export const messageDomain: Domain = {
  domain: "message",
  description: "E-mails, SMS and notes to and from customers",
  noun: "message",
  actions: [sendMessage, cancelMessage, logInboundMessage, markMessage],
  types: [messages],
  reversals: [messageReversal],
};
