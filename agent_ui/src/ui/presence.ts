/** What a presence looks like and is called. */
import i18next from "i18next";
import { said } from "@/i18n/i18n";
import type { AuxCode, PresenceView } from "@/wire/protocol.gen";

export type PresenceTone = "ok" | "warn" | "bad" | "busy" | "off";

export function toneOf(presence: PresenceView): PresenceTone {
  if (presence.wrap_up) return "busy";
  switch (presence.presence) {
    case "available":
      return "ok";
    case "aux":
      return "warn";
    case "rona":
      return "bad";
    case "offline":
      return "off";
  }
}

/** The words for a status; a reason for being away is called by its own label. */
export function labelOf(presence: PresenceView, codes: readonly AuxCode[]): string {
  if (presence.wrap_up) return i18next.t("presence.wrap_up");
  if (presence.presence === "aux") {
    const code = codes.find((each) => each.code === presence.code);
    return code === undefined ? i18next.t("presence.aux") : said(code.labels);
  }
  return i18next.t(`presence.${presence.presence}`);
}
