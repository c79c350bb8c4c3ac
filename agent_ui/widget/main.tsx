/**
 * The embeddable script: `<script src="https://hub/widget.js" data-account="web" data-lang="en" async></script>`.
 *
 * Attributes: data-account (which chat account), data-lang (en or zh; else the page's language), data-token (the
 * site says who the visitor is), data-open ("true": open at once). `window.RapportChat.mount(options)` does the
 * same from a script and returns a handle. Everything lives in a shadow root that the page's CSS cannot reach.
 */
import { render } from "preact";
import { Chat } from "./chat";
import { Keep } from "./keep";
import { visitorOf } from "./session";
import css from "./style.css?inline";
import { Widget } from "./widget";
import { type Language, languageOf } from "./words";

export interface Options {
  /** Origin of the hub, such as "https://hub.example"; by default the one that served this script. */
  base?: string;
  account: string;
  language?: Language;
  token?: string;
  open?: boolean;
}

export interface Handle {
  open(): void;
  destroy(): void;
}

declare global {
  interface Window {
    RapportChat?: { mount(options: Options): Handle };
  }
}

const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;
const ownBase = script ? new URL(script.src).origin : location.origin;

/** Inline and important, so that no rule of the page, however broad, hides, moves or restyles the host element. */
const HOST_STYLE: Record<string, string> = {
  all: "initial",
  display: "block",
  position: "fixed",
  inset: "auto 0 0 auto",
  width: "0",
  height: "0",
  "z-index": "2147483000",
};

function mount(options: Options): Handle {
  const host = document.createElement("rapport-chat");
  for (const [name, value] of Object.entries(HOST_STYLE)) host.style.setProperty(name, value, "important");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  document.body.append(host);

  const keep = new Keep(options.token ? `${options.account}.${visitorOf(options.token)}` : options.account);
  const chat = new Chat(options.base ?? ownBase, options.account, keep, options.token);
  const kept = keep.get("lang");
  const language = kept ? languageOf(kept) : (options.language ?? languageOf(document.documentElement.lang || navigator.language));
  let openPanel = (): void => undefined;
  render(
    <Widget
      chat={chat}
      keep={keep}
      language={language}
      startOpen={options.open === true || keep.get("open") === "yes"}
      offerOpen={(open) => (openPanel = open)}
    />,
    root,
  );
  if (chat.hasHistory) chat.start();
  return {
    open: () => openPanel(),
    destroy: () => {
      chat.stop();
      render(null, root);
      host.remove();
    },
  };
}

window.RapportChat = { mount };

if (script?.dataset.account) {
  const { account, lang, token, open } = script.dataset;
  const options: Options = { account, open: open === "true" };
  if (lang) options.language = languageOf(lang);
  if (token) options.token = token;
  if (document.readyState !== "loading") mount(options);
  else document.addEventListener("DOMContentLoaded", () => mount(options), { once: true });
}
