import type { SentChannel } from "../../entities/message.ts";
import type { Channels } from "./channel.ts";
import { type MailSettings, makeEmail } from "./email.ts";
import { makeSms, type SmsSettings } from "./sms.ts";

interface ChannelSettings {
  mail: MailSettings | undefined;
  sms: SmsSettings | undefined;
}

export const makeChannels = async (settings: ChannelSettings): Promise<Channels> => ({
  ...(settings.mail && { email: makeEmail(settings.mail) }),
  ...(settings.sms && { sms: await makeSms(settings.sms) }),
});

/** The names of the configured channels, for the actions that write messages. */
export const configuredChannels = ({ mail, sms }: ChannelSettings): ReadonlySet<SentChannel> =>
  new Set([...(mail ? ["email" as const] : []), ...(sms ? ["sms" as const] : [])]);
