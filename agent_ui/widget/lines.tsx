/** The conversation: what was said, and what is on its way. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Chat } from "./chat";
import type { Line, Outgoing } from "./conversation";
import { fill, type Language, type Words } from "./words";

interface Props {
  chat: Chat;
  words: Words;
  language: Language;
  greeting: string;
}

const NEAR_END_PX = 80;

export function Lines({ chat, words, language, greeting }: Props) {
  const { state } = chat;
  const lines = state.fresh ? [] : state.conversation.lines;
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const count = lines.length + state.outgoing.length + (state.agentTyping ? 1 : 0);

  // Follow the end, unless the visitor has scrolled up to read; one's own message always shows.
  useLayoutEffect(() => {
    const element = log.current;
    if (element && (atEnd.current || state.outgoing.at(-1)?.status === "sending")) element.scrollTop = element.scrollHeight;
  }, [count, state.outgoing]);

  return (
    <div
      ref={log}
      class="log"
      role="log"
      aria-live="polite"
      aria-label={words.messages}
      tabIndex={0}
      onScroll={({ currentTarget: at }) => (atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX)}
    >
      <div class="line theirs">
        <p class="text" dir="auto">
          {greeting}
        </p>
      </div>
      {lines.map((line, index) => (
        <Said key={`${state.conversation.id}:${line.seq}`} line={line} before={lines[index - 1]} words={words} language={language} />
      ))}
      {state.outgoing.map((message) => (
        <OnItsWay key={message.clientId} message={message} chat={chat} words={words} />
      ))}
      {state.agentTyping && (
        <div class="line theirs">
          <p class="text dots" aria-label={fill(words.typing, { name: state.conversation.agentName || words.someone })}>
            <i />
            <i />
            <i />
          </p>
        </div>
      )}
    </div>
  );
}

function Said({ line, before, words, language }: { line: Line; before: Line | undefined; words: Words; language: Language }) {
  if (line.author === "system") return <p class="system">{line.text}</p>;
  const mine = line.author === "visitor";
  const name = mine ? words.you : line.name || words.someone;
  const continues = before?.author === line.author && before.name === line.name && line.at_ms - before.at_ms < 120_000;
  return (
    <div class={`line ${mine ? "mine" : "theirs"}`}>
      {continues ? (
        <span class="hidden">{name}</span>
      ) : (
        <p class="by">
          {name} <time dateTime={new Date(line.at_ms).toISOString()}>{clock(line.at_ms, language)}</time>
        </p>
      )}
      <p class="text" dir="auto">
        {mine ? line.text : linked(line.text)}
      </p>
    </div>
  );
}

function OnItsWay({ message, chat, words }: { message: Outgoing; chat: Chat; words: Words }) {
  return (
    <div class={`line mine ${message.status}`}>
      <p class="text" dir="auto">
        {message.text}
      </p>
      <p class="fate">
        {words[message.status]}
        {message.status === "failed" && (
          <>
            {message.reason && ` · ${message.reason}`}{" "}
            <button type="button" class="link" onClick={() => chat.retry(message.clientId)}>
              {words.retry}
            </button>{" "}
            <button type="button" class="link" onClick={() => chat.discard(message.clientId)}>
              {words.discard}
            </button>
          </>
        )}
      </p>
    </div>
  );
}

/** Web addresses as links; everything else stays the text that it is. */
function linked(text: string) {
  return text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/u).map((part, index) =>
    index % 2 === 1 ? (
      <a key={index} href={part} target="_blank" rel="noopener noreferrer nofollow">
        {part}
      </a>
    ) : (
      part
    ),
  );
}

const formats = new Map<Language, Intl.DateTimeFormat>();

function clock(atMs: number, language: Language): string {
  let format = formats.get(language);
  if (!format) {
    format = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });
    formats.set(language, format);
  }
  return format.format(atMs);
}
