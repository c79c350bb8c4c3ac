/** The whole page: who plays, through which channel, and what to do beside it. */
import { useEffect, useState } from "preact/hooks";
import { api, type Company, DemoError, type Person } from "./api";
import type { Handle } from "../widget/main";
import { CallCard } from "./call-card";
import { ChatCard } from "./chat-card";
import { Guide } from "./guide";
import { CallIcon, ChatIcon, Logo, MailIcon, SmsIcon } from "./icons";
import { MailCard } from "./mail-card";
import { useInbox } from "./inbox";
import { People } from "./people";
import { SmsCard } from "./sms-card";
import { fill, type Language, WORDS } from "./words";

const CHANNELS = [
  ["chat", ChatIcon],
  ["sms", SmsIcon],
  ["mail", MailIcon],
  ["call", CallIcon],
] as const;
type Channel = (typeof CHANNELS)[number][0];

const RETRY_MS = 2_000;
const WIDE = "(min-width: 761px)";

export function Page() {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [company, problem] = useCompany();
  const [personKey, setPersonKey] = useState(() => sessionStorage.getItem("rapport.demo.person") ?? "");
  const [channel, setChannel] = useState<Channel>("chat");
  const words = WORDS[language];

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = `Rapport · ${words.title}`;
    localStorage.setItem("rapport.demo.language", language);
  }, [language, words]);

  const person = company?.people.find((one) => one.key === personKey) ?? company?.people[0];
  const choose = (one: Person): void => {
    sessionStorage.setItem("rapport.demo.person", one.key);
    setPersonKey(one.key);
  };
  return (
    <>
      <header class="top">
        <Logo />
        <div class="headline">
          <h1>{words.title}</h1>
          <p>{fill(words.lead, { company: company?.company ?? "…" })}</p>
        </div>
        <button type="button" class="button" onClick={() => setLanguage(language === "en" ? "zh" : "en")}>
          {words.language}
        </button>
      </header>
      {company && person ? (
        <main>
          <People people={company.people} chosen={person} choose={choose} words={words} language={language} />
          <Stage key={person.key} company={company} person={person} channel={channel} setChannel={setChannel} language={language} />
          <Guide company={company} words={words} language={language} />
        </main>
      ) : (
        <p class="notice" role="status">
          {problem === "no_demo" ? words.no_demo : problem === "lost" ? words.lost : words.loading}
        </p>
      )}
    </>
  );
}

interface StageProps {
  company: Company;
  person: Person;
  channel: Channel;
  setChannel: (channel: Channel) => void;
  language: Language;
}

/** What one customer holds in their hands. */
function Stage({ company, person, channel, setChannel, language }: StageProps) {
  const words = WORDS[language];
  const wide = useWide();
  const inbox = useInbox(person);
  const texts = inbox.items.filter((item) => item.channel === "sms");
  const mails = inbox.items.filter((item) => item.channel === "mail");
  const unread = { chat: 0, sms: inbox.unread("sms"), mail: inbox.unread("mail"), call: 0 };
  const { markSeen } = inbox;
  useEffect(() => markSeen(channel), [channel, inbox.items, markSeen]);
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const at = CHANNELS.findIndex(([name]) => name === channel);
    const next = CHANNELS[(at + step + CHANNELS.length) % CHANNELS.length];
    if (!step || !next) return;
    setChannel(next[0]);
    document.getElementById(`tab-${next[0]}`)?.focus();
  };
  return (
    <section class="stage" aria-label={person.name}>
      <div class="tabs" role="tablist" onKeyDown={onKey}>
        {CHANNELS.map(([name, Icon]) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={channel === name}
            aria-controls={`card-${name}`}
            tabIndex={channel === name ? 0 : -1}
            onClick={() => setChannel(name)}
          >
            <Icon />
            <span>{words[name]}</span>
            {unread[name] > 0 && channel !== name && <span class="count">{unread[name]}</span>}
          </button>
        ))}
      </div>
      {inbox.lost && (
        <p class="warning" role="status">
          {words.lost}
        </p>
      )}
      <div role="tabpanel" id={`card-${channel}`} aria-labelledby={`tab-${channel}`} class="card">
        {channel === "chat" && <ChatCard company={company} words={words} />}
        {channel === "sms" && <SmsCard company={company} person={person} items={texts} add={inbox.add} words={words} language={language} />}
        {channel === "mail" && <MailCard company={company} person={person} items={mails} add={inbox.add} words={words} language={language} />}
        {channel === "call" && <CallCard company={company} person={person} words={words} />}
      </div>
      {(wide || channel === "chat") && <ChatWidget company={company} person={person} language={language} />}
    </section>
  );
}

/** The widget itself stands beside the page, as on every site; a known customer is signed in by the shop. */
function ChatWidget({ company, person, language }: { company: Company; person: Person; language: Language }) {
  const account = company.chat?.account;
  useEffect(() => {
    if (account === undefined) return;
    const mounted = mountWidget(account, person, language).catch(() => null);
    return () => void mounted.then((handle) => handle?.destroy());
  }, [account, person, language]);
  return null;
}

async function mountWidget(account: string, person: Person, language: Language): Promise<Handle> {
  // Whoever cannot be signed in chats as a stranger.
  const token = person.known ? await api.signIn(person.key).then((answer) => answer.token, () => "") : "";
  await widgetScript();
  if (!window.RapportChat) throw new Error("widget.js did not run");
  return window.RapportChat.mount(token ? { account, language, token } : { account, language });
}

/** On a small screen the widget's launcher would cover the other cards' buttons. */
function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const list = matchMedia(WIDE);
    const update = (): void => setWide(list.matches);
    list.addEventListener("change", update);
    return () => list.removeEventListener("change", update);
  }, []);
  return wide;
}

let script: Promise<void> | undefined;

function widgetScript(): Promise<void> {
  script ??= new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = "/widget.js";
    element.onload = () => resolve();
    element.onerror = () => reject(new Error("widget.js is missing"));
    document.head.append(element);
  });
  return script;
}

function useCompany(): [Company | null, "" | "lost" | "no_demo"] {
  const [company, setCompany] = useState<Company | null>(null);
  const [problem, setProblem] = useState<"" | "lost" | "no_demo">("");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let timer = 0;
    api.company().then(setCompany, (error: unknown) => {
      setProblem(error instanceof DemoError && error.status === 404 ? "no_demo" : "lost");
      timer = window.setTimeout(() => setAttempt(attempt + 1), RETRY_MS);
    });
    return () => clearTimeout(timer);
  }, [attempt]);
  return [company, problem];
}

function firstLanguage(): Language {
  const kept = localStorage.getItem("rapport.demo.language") ?? navigator.language;
  return kept.toLowerCase().startsWith("zh") ? "zh" : "en";
}
