/** Languages: English is in the page, others load when chosen. Keys are typed, so a missing sentence does not compile. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { ApiError } from "@/wire/http";
import { en } from "./en";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
    enableSelector: false;
  }
}

export type Language = "en" | "zh";

export const LANGUAGES: readonly { readonly code: Language; readonly name: string; readonly tag: string }[] = [
  { code: "en", name: "English", tag: "en-GB" },
  { code: "zh", name: "简体中文", tag: "zh-CN" },
];

const STORED = "rapport.language";

export async function startLanguages(): Promise<void> {
  i18next.use(initReactI18next);
  await i18next.init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await changeLanguage(chosenLanguage() ?? preferred(navigator.language));
}

export async function changeLanguage(language: Language): Promise<void> {
  if (language === "zh" && !i18next.hasResourceBundle("zh", "translation")) {
    const { zh } = await import("./zh");
    i18next.addResourceBundle("zh", "translation", zh);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = tag();
}

/** Change it and remember the choice in this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // Not remembered, but changed.
  }
  await changeLanguage(language);
}

/** What was chosen in this browser, if anything was. */
export function chosenLanguage(): Language | null {
  try {
    const stored = localStorage.getItem(STORED);
    return stored === "en" || stored === "zh" ? stored : null;
  } catch {
    return null;
  }
}

export function preferred(tag: string): Language {
  return tag.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function language(): Language {
  return preferred(i18next.language);
}

/** BCP 47 tag for Intl and `lang`. */
export function tag(): string {
  return LANGUAGES.find((each) => each.code === language())?.tag ?? "en-GB";
}

/** A sentence that the hub gives by language; English, then any, when this one is missing. */
export function said(sentences: Readonly<Record<string, string>>): string {
  return sentences[language()] ?? sentences.en ?? Object.values(sentences)[0] ?? "";
}

/** Plain words for a refused command. */
export function problemText(error: ApiError): string {
  switch (error.code) {
    case "unreachable":
    case "bad_answer":
      return i18next.t("error.unreachable");
    case "not_in_wrap_up":
    case "not_a_call":
      return i18next.t("error.wrong_state");
    case "offer_gone":
    case "not_yours":
    case "too_long":
    case "not_found":
    case "forbidden":
      return i18next.t(`error.${error.code}`);
    default:
      return i18next.t("error.other", { detail: error.detail || error.code });
  }
}
