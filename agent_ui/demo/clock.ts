/** Time of day for a message. */
import type { Language } from "./words";

const FORMATS = {
  en: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }),
  zh: new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit" }),
};

export function clock(atMs: number, language: Language): string {
  return FORMATS[language].format(atMs);
}
