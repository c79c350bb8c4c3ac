/** What a presence looks like and is called. */
import i18next from "i18next";
import { said } from "@/i18n/i18n";
import type { AuxCode, Presence, PresenceView } from "@/wire/protocol.gen";

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
  return called(presence.presence, presence.code, codes);
}

/** The words for what the agent becomes after the work in hand; "" when nothing was said. */
export function pendingLabel(presence: PresenceView, codes: readonly AuxCode[]): string {
  if (presence.pending === undefined || presence.pending === null) return "";
  return called(presence.pending, presence.pending_code ?? "", codes);
}

function called(presence: Presence, code: string, codes: readonly AuxCode[]): string {
  if (presence !== "aux") return i18next.t(`presence.${presence}`);
  const known = codes.find((each) => each.code === code);
  return known === undefined ? i18next.t("presence.aux") : said(known.labels);
}
