/** Where the visitor writes. Nothing typed is lost: a draft outlives the page until it is sent. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "./chat";
import { lengthOf } from "./conversation";
import { SendIcon } from "./icons";
import type { Keep } from "./keep";
import { fill, type Language, type Words } from "./words";

interface Props {
  chat: Chat;
  keep: Keep;
  words: Words;
  language: Language;
}

const LEFT_SHOWN_BELOW = 300;
const DRAFT_CHARS_MAX = 20_000;

export function Composer({ chat, keep, words, language }: Props) {
  const { state } = chat;
  const [text, setText] = useState(() => keep.get("draft"));
  const [name, setName] = useState(() => keep.get("name"));
  const [problem, setProblem] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const max = state.session?.text_chars_max ?? 4000;
  const length = lengthOf(text);
  const first = state.fresh || (state.conversation.lines.length === 0 && state.outgoing.length === 0);

  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 132)}px`;
  }, [text]);

  const write = (value: string): void => {
    setText(value);
    setProblem("");
    keep.set("draft", value.slice(0, DRAFT_CHARS_MAX));
    if (value) chat.typing();
  };
  const send = (): void => {
    const answers: Record<string, string> = { language };
    if (name.trim()) answers.name = name.trim();
    const refusal = chat.say(text, answers);
    if (refusal === "") write("");
    else if (refusal === "too_long") setProblem(fill(words.too_long, { n: length, max }));
    else if (refusal === "too_many") setProblem(words.too_many);
    field.current?.focus();
  };
  return (
    <footer>
      {first && state.session?.ask_name && (
        <input
          class="name"
          type="text"
          maxLength={100}
          autocomplete="name"
          aria-label={words.name}
          placeholder={words.name}
          value={name}
          onInput={({ currentTarget }) => {
            setName(currentTarget.value);
            keep.set("name", currentTarget.value);
          }}
        />
      )}
      <div class="problem" role="alert">
        {problem}
      </div>
      <div class="compose">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label={words.composer}
          aria-invalid={problem !== ""}
          placeholder={words.placeholder}
          value={text}
          disabled={state.link === "refused"}
          onInput={({ currentTarget }) => write(currentTarget.value)}
          onKeyDown={(event) => {
            // While Chinese is being composed, Enter picks a candidate.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button type="button" class="send" aria-label={words.send} title={words.send} disabled={text.trim() === ""} onClick={send}>
          <SendIcon />
        </button>
      </div>
      {max - length < LEFT_SHOWN_BELOW && !problem && (
        <p class={length > max ? "left over-limit" : "left"}>{fill(words.left, { n: max - length })}</p>
      )}
    </footer>
  );
}
