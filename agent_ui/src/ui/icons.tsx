/** One sign per channel, always with its word for those who do not see it. */
import { IconMail, IconMessageCircle, IconMessage2, IconPhone, type IconProps } from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import type { Channel } from "@/wire/protocol.gen";
import classes from "./icons.module.css";

const SIGNS: Record<Channel, ComponentType<IconProps>> = {
  voice: IconPhone,
  chat: IconMessageCircle,
  sms: IconMessage2,
  email: IconMail,
};

export function ChannelIcon({ channel, size = 16, tile = false }: { channel: Channel; size?: number; tile?: boolean }) {
  const { t } = useTranslation();
  const Sign = SIGNS[channel];
  return (
    <span className={tile ? classes.tile : classes.plain} data-channel={channel} role="img" aria-label={t(`channel.${channel}`)}>
      <Sign size={size} stroke={1.9} aria-hidden />
    </span>
  );
}
