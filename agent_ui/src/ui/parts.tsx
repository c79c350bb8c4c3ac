/** Small shared parts without knowledge of the hub's state: avatar, pill, dot, empty state, timer. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { clockSpan, roughSpan } from "@/i18n/format";
import { useNow } from "@/live/clock";
import type { ScoreView } from "@/wire/protocol.gen";
import classes from "./parts.module.css";

export type Tone = "ok" | "warn" | "bad" | "accent" | "plain";

export function Avatar({ name, seed, size = 32 }: { name: string; seed: string; size?: number }) {
  return (
    <span
      className={classes.avatar}
      style={{ "--hue": hue(seed), width: size, height: size, fontSize: Math.round(size * 0.38) } as React.CSSProperties}
      aria-hidden
    >
      {initials(name)}
    </span>
  );
}

/** "Chen Wei" -> "CW", "陈伟" -> "陈". */
function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter((word) => word !== "");
  const first = words[0];
  if (first === undefined) return "?";
  if (/\p{Script=Han}/u.test(first)) return firstLetter(first);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [first];
  return letters.map((word) => firstLetter(word ?? "").toUpperCase()).join("");
}

function firstLetter(word: string): string {
  return String.fromCodePoint(word.codePointAt(0) ?? 0x3f);
}

function hue(seed: string): number {
  let sum = 7;
  for (const each of seed) sum = (sum * 31 + (each.codePointAt(0) ?? 0)) % 360;
  return sum;
}

export function Pill({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={classes.pill} data-tone={tone}>{children}</span>;
}

export function TierPill({ tier }: { tier: ScoreView["tier"] }) {
  const { t } = useTranslation();
  return <span className={classes.pill} data-tier={tier}>{t(`customer.tier.${tier}`)}</span>;
}

export function Dot({ tone }: { tone: "ok" | "warn" | "bad" | "busy" | "off" }) {
  return <span className={classes.dot} data-tone={tone} aria-hidden />;
}

/** Nothing here: say what will appear and how to get it. */
export function Empty({ icon, title, hint, action }: { icon?: ReactNode; title: string; hint?: string; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      {icon !== undefined && <span className={classes.emptyIcon} aria-hidden>{icon}</span>}
      <p className={classes.emptyTitle}>{title}</p>
      {hint !== undefined && <p className={classes.emptyHint}>{hint}</p>}
      {action !== undefined && <div className={classes.emptyAction}>{action}</div>}
    </div>
  );
}

const DAY_MS = 86_400_000;

/** Counts up from an instant of the hub's clock; nothing when that is not known, days when it is long ago. */
export function Timer({ since }: { since: number }) {
  const now = useNow();
  if (since <= 0) return null;
  return <span className="num">{now - since < DAY_MS ? clockSpan(now - since) : roughSpan(now - since)}</span>;
}

export function SectionTitle({ children }: { children: ReactNode }) {
  return <h3 className={classes.sectionTitle}>{children}</h3>;
}
