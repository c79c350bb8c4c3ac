/** What customers answered in the IVR or before a chat, in words; what is not known here is shown as it came. */
import i18next from "i18next";
import { languageName } from "@/i18n/format";

export interface Answer {
  readonly key: string;
  readonly question: string;
  readonly answer: string;
}

export function answersInWords(answers: Readonly<Record<string, string>>): Answer[] {
  return Object.entries(answers).map(([key, value]) => ({ key, question: questionOf(key), answer: answerTo(key, value) }));
}

function questionOf(key: string): string {
  switch (key) {
    case "name":
    case "reason":
    case "language":
    case "order":
    case "customer":
      return i18next.t(`answers.${key}`);
    default:
      return key.replaceAll("_", " ");
  }
}

function answerTo(key: string, value: string): string {
  if (key === "language") return languageName(value);
  if (key !== "reason") return value;
  switch (value) {
    case "orders":
    case "billing":
    case "complaint":
    case "agent":
      return i18next.t(`answers.reasons.${value}`);
    default:
      return value.replaceAll("_", " ");
  }
}
