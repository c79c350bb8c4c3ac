/** Numbers, spans and dates in the chosen language. Spans in ms, instants in UTC epoch ms. */
import i18next from "i18next";
import { tag } from "./i18n";

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** A running timer: "0:07", "12:34", "1:02:03". Never negative. */
export function clockSpan(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1_000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / MINUTE_S) % 60;
  const hours = Math.floor(total / HOUR_S);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** A span in one unit, for prose: "45 s", "3 min", "2 h". */
export function roughSpan(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < MINUTE_S * 2) return i18next.t("time.s", { count: s });
  if (s < HOUR_S * 2) return i18next.t("time.m", { count: Math.round(s / MINUTE_S) });
  if (s < DAY_S * 2) return i18next.t("time.h", { count: Math.round(s / HOUR_S) });
  return i18next.t("time.d", { count: Math.round(s / DAY_S) });
}

/** A span in up to two units, with its sign: "45 s", "2 min 5 s", "−1 h 3 min". */
export function preciseSpan(ms: number): string {
  const s = Math.floor(Math.abs(ms) / 1_000);
  const [unit, small, great] = s < HOUR_S ? (["m", "s", MINUTE_S] as const) : s < DAY_S ? (["h", "m", HOUR_S] as const) : (["d", "h", DAY_S] as const);
  const rest = Math.floor((s % great) / (small === "s" ? 1 : small === "m" ? MINUTE_S : HOUR_S));
  const words: string[] = s >= great ? [i18next.t(`time.${unit}`, { count: Math.floor(s / great) })] : [];
  if (rest > 0 || words.length === 0) words.push(i18next.t(`time.${small}`, { count: rest }));
  return (ms < 0 ? "−" : "") + words.join(" ");
}

/** Two spans as one interval, rounded outward in the unit of the greater, never one number: "2–5 min". */
export function interval(lowMs: number, highMs: number): string {
  const [unit, unitMs] =
    highMs < 2 * MINUTE_S * 1_000 ? (["s", 1_000] as const)
    : highMs < 2 * HOUR_S * 1_000 ? (["m", MINUTE_S * 1_000] as const)
    : highMs < 2 * DAY_S * 1_000 ? (["h", HOUR_S * 1_000] as const)
    : (["d", DAY_S * 1_000] as const);
  const low = Math.floor(Math.max(0, lowMs) / unitMs);
  const high = Math.max(low + 1, Math.ceil(highMs / unitMs));
  return i18next.t(`time.${unit}_between`, { low, high });
}

export function timeOfDay(atMs: number): string {
  return new Intl.DateTimeFormat(tag(), { hour: "2-digit", minute: "2-digit" }).format(atMs);
}

/** "14:05" today, "3 Nov" this year, "3 Nov 2024" before. */
export function shortDate(atMs: number, nowMs: number): string {
  const then = new Date(atMs);
  const today = new Date(nowMs);
  if (then.toDateString() === today.toDateString()) return timeOfDay(atMs);
  const year = then.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(tag(), { day: "numeric", month: "short", year }).format(atMs);
}

export function longDate(atMs: number): string {
  return new Intl.DateTimeFormat(tag(), { dateStyle: "medium", timeStyle: "short" }).format(atMs);
}

export function monthAndYear(atMs: number): string {
  return new Intl.DateTimeFormat(tag(), { month: "short", year: "numeric" }).format(atMs);
}

export function dayHeading(atMs: number): string {
  return new Intl.DateTimeFormat(tag(), { weekday: "long", day: "numeric", month: "long" }).format(atMs);
}

export function percent(share: number): string {
  return new Intl.NumberFormat(tag(), { style: "percent", maximumFractionDigits: 0 }).format(share);
}

export function decimal(value: number): string {
  return new Intl.NumberFormat(tag(), { maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(value);
}

/** Without a sign of its own: 1,250 and 12.5. */
export function plainNumber(value: number): string {
  return new Intl.NumberFormat(tag(), { maximumFractionDigits: 1 }).format(value);
}

export function bytes(count: number): string {
  const [unit, value] = count < 1_000_000 ? ["kilobyte", count / 1_000] : ["megabyte", count / 1_000_000];
  return new Intl.NumberFormat(tag(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
}

/** A language's own name in the chosen language: "zh" -> "Chinese" or "中文". */
export function languageName(code: string): string {
  if (code === "") return "";
  try {
    return new Intl.DisplayNames([tag()], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
