/** Launcher and panel: what is open, in which language, and where the keyboard is. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "./chat";
import { ChatIcon, CloseIcon } from "./icons";
import type { Keep } from "./keep";
import { Panel } from "./panel";
import { fill, type Language, WORDS } from "./words";

interface Props {
  chat: Chat;
  keep: Keep;
  language: Language;
  startOpen: boolean;
  offerOpen: (open: () => void) => void;
}

const NARROW = "(max-width: 480px)";

export function Widget({ chat, keep, language: first, startOpen, offerOpen }: Props) {
  const [language, setLanguage] = useState(first);
  const [open, setOpen] = useState(startOpen);
  const [, redraw] = useState(0);
  const narrow = useMedia(NARROW);
  const launcher = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(open);
  const words = WORDS[language];

  useEffect(() => chat.subscribe(() => redraw((count) => count + 1)), [chat]);
  useEffect(() => offerOpen(() => setOpen(true)), [offerOpen]);
  useEffect(() => {
    keep.set("open", open ? "yes" : "");
    if (open) chat.start();
    else if (wasOpen.current) launcher.current?.focus();
    wasOpen.current = open;
  }, [open, chat, keep]);

  const close = useCallback(() => setOpen(false), []);
  const switchLanguage = useCallback(() => {
    const other = language === "en" ? "zh" : "en";
    keep.set("lang", other);
    setLanguage(other);
  }, [language, keep]);

  const unread = open ? 0 : chat.unread;
  const label = open ? words.close : unread > 0 ? `${words.open}, ${fill(words.unread, { n: unread })}` : words.open;
  return (
    <div class="frame" lang={language === "zh" ? "zh-CN" : "en"} dir={document.documentElement.dir === "rtl" ? "rtl" : "ltr"}>
      {open && <Panel chat={chat} keep={keep} language={language} modal={narrow} close={close} switchLanguage={switchLanguage} />}
      {!(open && narrow) && (
        <button
          ref={launcher}
          type="button"
          class="launcher"
          aria-expanded={open}
          aria-controls="panel"
          aria-label={label}
          onClick={() => setOpen(!open)}
        >
          {open ? <CloseIcon /> : <ChatIcon />}
          {unread > 0 && (
            <span class="badge" aria-hidden="true">
              {unread > 9 ? "9+" : unread}
            </span>
          )}
        </button>
      )}
      <div class="hidden" role="status">
        {unread > 0 ? fill(words.unread, { n: unread }) : ""}
      </div>
    </div>
  );
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const update = (): void => setMatches(list.matches);
    list.addEventListener("change", update);
    return () => list.removeEventListener("change", update);
  }, [query]);
  return matches;
}
