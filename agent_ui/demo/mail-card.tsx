/** The customer's mailbox: what came, what was sent, and a form to write. */
import { useState } from "preact/hooks";
import { api, type Company, DemoError, type Item, type Person } from "./api";
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

const SUBJECT_MAX = 200;
const TEXT_MAX = 20_000;

export function MailCard({ company, person, items, add, words, language }: Props) {
  const [answers, setAnswers] = useState<Item | null>(null);
  const [writing, setWriting] = useState(false);
  if (!company.mail) return <p class="notice">{words.mail_none}</p>;
  const show = writing || items.length === 0;
  return (
    <div class="mailbox">
      <div class="bar">
        <strong>{fill(words.mail_inbox, { email: person.email })}</strong>
        {!show && (
          <button
            type="button"
            class="button primary"
            onClick={() => {
              setAnswers(null);
              setWriting(true);
            }}
          >
            {words.mail_new}
          </button>
        )}
      </div>
      {!company.mail.replies && <p class="warning">{words.elsewhere}</p>}
      {show && (
        <Letter
          key={answers?.seq ?? 0}
          to={company.mail.address}
          person={person}
          answers={answers}
          words={words}
          cancel={items.length > 0 ? () => setWriting(false) : null}
          sent={(item) => {
            add(item);
            setWriting(false);
          }}
        />
      )}
      {items.length === 0 && <p class="empty">{words.mail_empty}</p>}
      <ol class="mails" reversed>
        {[...items].reverse().map((item) => (
          <li key={item.seq} class={item.direction}>
            <details open={item.direction === "received"}>
              <summary>
                <span class="from">{item.direction === "received" ? company.company : words.from_you}</span>
                <span class="subject">{item.subject}</span>
                <time>{clock(item.at_ms, language)}</time>
              </summary>
              <p class="body" dir="auto">
                {item.text}
              </p>
              {item.direction === "received" && (
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    setAnswers(item);
                    setWriting(true);
                  }}
                >
                  {words.mail_reply}
                </button>
              )}
            </details>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface LetterProps {
  to: string;
  person: Person;
  answers: Item | null;
  words: Words;
  cancel: (() => void) | null;
  sent: (item: Item) => void;
}

function Letter({ to, person, answers, words, cancel, sent }: LetterProps) {
  const [subject, setSubject] = useState(answers ? replySubject(answers.subject) : "");
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const send = async (): Promise<void> => {
    setBusy(true);
    setProblem("");
    try {
      sent(await api.mail({ from: person.email, name: person.name, subject, text, answers: answers?.seq ?? 0 }));
    } catch (error) {
      setProblem((error instanceof DemoError && error.message) || words.lost);
      setBusy(false);
    }
  };
  return (
    <form
      class="letter"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p class="route">
        {person.email} → {to}
      </p>
      <input
        type="text"
        aria-label={words.mail_subject}
        placeholder={words.mail_subject}
        maxLength={SUBJECT_MAX}
        value={subject}
        onInput={({ currentTarget }) => setSubject(currentTarget.value)}
      />
      <textarea
        rows={6}
        aria-label={words.mail_text}
        placeholder={words.mail_text}
        maxLength={TEXT_MAX}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <div role="alert" class="problem">
        {problem}
      </div>
      <div class="actions">
        {cancel && (
          <button type="button" class="button" onClick={cancel}>
            {words.mail_cancel}
          </button>
        )}
        <button type="submit" class="button primary" disabled={busy || !text.trim()}>
          {busy ? words.sending : words.send}
        </button>
      </div>
    </form>
  );
}

function replySubject(subject: string): string {
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`.slice(0, SUBJECT_MAX);
}
