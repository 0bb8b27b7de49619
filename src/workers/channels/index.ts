import { SENT_CHANNELS, type SentChannel } from "../../entities/message.ts";
import type { Channels } from "./channel.ts";
import { type MailSettings, makeEmail } from "./email.ts";
import { makeSms, type SmsSettings } from "./sms.ts";

export const makeChannels = async (settings: {
  mail: MailSettings | undefined;
  sms: SmsSettings | undefined;
}): Promise<Channels> => ({
  ...(settings.mail && { email: makeEmail(settings.mail) }),
  ...(settings.sms && { sms: await makeSms(settings.sms) }),
});

/** The names of the configured channels, for the actions that write messages. */
export const namesOf = (channels: Channels): ReadonlySet<SentChannel> =>
  new Set(SENT_CHANNELS.filter((channel) => channels[channel]));
