import { SENT_CHANNELS, type SentChannel } from "../../entities/message.ts";
import { type MailSettings, makeEmail } from "./email.ts";
import type { SendLetter } from "./sending.ts";
import { makeSms, type SmsSettings } from "./sms.ts";

/** How messages get out; what is not set up is left out, and its messages stay in the outbox. */
export type WaysOut = Partial<Record<SentChannel, SendLetter>>;

export const waysOut = async (settings: {
  mail: MailSettings | undefined;
  sms: SmsSettings | undefined;
}): Promise<WaysOut> => ({
  ...(settings.mail && { email: makeEmail(settings.mail) }),
  ...(settings.sms && { sms: await makeSms(settings.sms) }),
});

/** What the domain is told of them. */
export const namesOf = (ways: WaysOut): ReadonlySet<SentChannel> =>
  new Set(SENT_CHANNELS.filter((channel) => ways[channel]));
