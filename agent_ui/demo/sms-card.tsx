/** A mobile phone with one thread: the company's number. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Company, DemoError, type Item, type Person } from "./api";
import { SendIcon } from "./icons";
import { clock } from "./clock";
import { fill, type Language, type Words } from "./words";

interface Props {
  company: Company;
  person: Person;
  items: readonly Item[];
  add: (item: Item) => void;
  words: Words;
  language: Language;
}

const TEXT_MAX = 1600;

export function SmsCard({ company, person, items, add, words, language }: Props) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const thread = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (thread.current) thread.current.scrollTop = thread.current.scrollHeight;
  }, [items.length]);
  if (!company.sms) return <p class="notice">{words.sms_none}</p>;

  const send = async (): Promise<void> => {
    if (!text.trim() || busy) return;
    setBusy(true);
    setProblem("");
    try {
      add(await api.sms(person.phone, text.trim()));
      setText("");
    } catch (error) {
      setProblem((error instanceof DemoError && error.message) || words.lost);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="mobile">
      <div class="bar">
        <strong>{company.company}</strong>
        <span>{fill(words.sms_to, { number: company.sms.number })}</span>
      </div>
      <div class="thread" ref={thread} role="log" aria-label={words.sms} tabIndex={0}>
        {items.length === 0 && <p class="empty">{words.sms_empty}</p>}
        {items.map((item) => (
          <div key={item.seq} class={`text ${item.direction}`}>
            <p dir="auto">{item.text}</p>
            <time>{clock(item.at_ms, language)}</time>
          </div>
        ))}
      </div>
      {!company.sms.replies && <p class="warning">{words.elsewhere}</p>}
      <div role="alert" class="problem">
        {problem}
      </div>
      <form
        class="compose"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <input
          type="text"
          aria-label={words.sms_write}
          placeholder={words.sms_write}
          maxLength={TEXT_MAX}
          autocomplete="off"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <button type="submit" class="round" aria-label={words.send} disabled={busy || !text.trim()}>
          <SendIcon />
        </button>
      </form>
    </div>
  );
}
