/** The open chat: head with who is there, the lines, and the composer or the end. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat, ChatState } from "./chat";
import { Composer } from "./composer";
import { CloseIcon, EndIcon } from "./icons";
import type { Keep } from "./keep";
import { Lines } from "./lines";
import type { Site } from "./session";
import { fill, type Language, WORDS, type Words } from "./words";

interface Props {
  chat: Chat;
  keep: Keep;
  language: Language;
  /** The panel fills a small screen: nothing behind it can be reached. */
  modal: boolean;
  close: () => void;
  switchLanguage: () => void;
}

export function Panel({ chat, keep, language, modal, close, switchLanguage }: Props) {
  const words = WORDS[language];
  const { state } = chat;
  const panel = useRef<HTMLElement>(null);
  const [asksEnd, setAsksEnd] = useState(false);
  const { conversation, session } = state;
  const running = !state.fresh && (conversation.state === "waiting" || conversation.state === "active");
  const ended = !state.fresh && conversation.state === "ended" && conversation.lines.length > 0;

  useEffect(() => chat.markRead());
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      if (asksEnd) setAsksEnd(false);
      else close();
    } else if (event.key === "Tab" && modal && panel.current) keepInside(panel.current, event);
  };
  return (
    <section
      ref={panel}
      id="panel"
      class="panel"
      role="dialog"
      aria-modal={modal}
      aria-labelledby="title"
      aria-describedby="standing"
      onKeyDown={onKey}
    >
      <header>
        <span class="mark" aria-hidden="true">
          {initialOf(conversation.agentName || session?.site_name || "R")}
        </span>
        <div class="who">
          <h2 id="title">{session?.site_name || words.title}</h2>
          <p id="standing">{standing(state, words, language)}</p>
        </div>
        <button type="button" class="quiet" title={words.language_hint} onClick={switchLanguage}>
          {words.language}
        </button>
        {running && (
          <button type="button" class="quiet" title={words.end} aria-label={words.end} onClick={() => setAsksEnd(true)}>
            <EndIcon />
          </button>
        )}
        <button type="button" class="quiet" title={words.close} aria-label={words.close} onClick={close}>
          <CloseIcon />
        </button>
      </header>
      <Banner state={state} words={words} />
      {asksEnd && running && (
        <div class="ask" role="alertdialog" aria-label={words.end_sure}>
          <span>{words.end_sure}</span>
          <button
            type="button"
            class="danger"
            onClick={() => {
              setAsksEnd(false);
              void chat.end();
            }}
          >
            {words.end_yes}
          </button>
          <button type="button" class="plain" ref={focusOnce} onClick={() => setAsksEnd(false)}>
            {words.end_no}
          </button>
        </div>
      )}
      <Lines chat={chat} words={words} language={language} greeting={sitesWords(session, "greeting", language) || words.greeting} />
      {ended ? (
        <footer class="over">
          <p>{words.ended}</p>
          <button type="button" class="primary" ref={focusOnce} onClick={() => chat.startNew()}>
            {words.start_new}
          </button>
        </footer>
      ) : (
        <Composer chat={chat} keep={keep} words={words} language={language} />
      )}
    </section>
  );
}

function Banner({ state, words }: { state: ChatState; words: Words }) {
  const text =
    state.link === "refused"
      ? `${words.refused} ${state.refusal}`
      : state.link === "offline"
        ? words.offline
        : state.link === "connecting"
          ? words.connecting
          : "";
  return (
    <div role="status" class={text ? `banner ${state.link}` : "banner"}>
      {text}
    </div>
  );
}

function standing(state: ChatState, words: Words, language: Language): string {
  const { conversation } = state;
  if (!state.fresh && conversation.state === "active") {
    return fill(words.with_agent, { name: conversation.agentName || words.someone });
  }
  const wait = sitesWords(state.session, "wait_text", language);
  if (!state.fresh && conversation.state === "waiting") return wait || words.waiting;
  return [sitesWords(state.session, "hours", language), wait].filter(Boolean).join(" · ") || words.ready;
}

/** The site's own words in this language, else in its first one. */
function sitesWords(site: Site | null, name: "greeting" | "hours" | "wait_text", language: Language): string {
  return site?.[name][language] ?? site?.[name][site.languages[0] ?? ""] ?? "";
}

function initialOf(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 0x2022).toUpperCase();
}

const focusOnce = (element: HTMLElement | null): void => element?.focus();

/** Tab walks round inside a panel that covers the page. */
function keepInside(panel: HTMLElement, event: KeyboardEvent): void {
  const stops = [...panel.querySelectorAll<HTMLElement>("button, textarea, input, a[href], [tabindex='0']")].filter(
    (element) => !element.hasAttribute("disabled"),
  );
  const active = (panel.getRootNode() as ShadowRoot).activeElement;
  const from = event.shiftKey ? stops[0] : stops.at(-1);
  const to = event.shiftKey ? stops.at(-1) : stops[0];
  if (active === from) {
    event.preventDefault();
    to?.focus();
  }
}
