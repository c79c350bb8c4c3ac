/** A telephone in the browser; without an Asterisk it says how to get one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Company, type Person, type Phone } from "./api";
import type { Call, CallState } from "./call";
import { CallIcon } from "./icons";
import { fill, type Words } from "./words";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

export function CallCard({ company, person, words }: { company: Company; person: Person; words: Words }) {
  const [phone, setPhone] = useState<Phone | null | "unknown">("unknown");
  const [state, setState] = useState<CallState | "idle">("idle");
  const [reason, setReason] = useState("");
  const [pressed, setPressed] = useState("");
  const [seconds, setSeconds] = useState(0);
  const call = useRef<Call | null>(null);
  const live = state === "connecting" || state === "ringing" || state === "talking";

  useEffect(() => {
    if (company.phone) api.phone().then(setPhone, () => setPhone(null));
    else setPhone(null);
    return () => call.current?.hangUp();
  }, [company.phone]);
  useEffect(() => {
    if (state !== "talking") return;
    const began = performance.now();
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - began) / 1000)), 500);
    return () => clearInterval(timer);
  }, [state]);

  const dial = async (settings: Phone): Promise<void> => {
    setState("connecting");
    setPressed("");
    setSeconds(0);
    const { Call: Dialled } = await import("./call");
    call.current = new Dialled(settings, person.phone, (next, why) => {
      setState(next);
      setReason(why);
    });
  };
  const press = (key: string): void => {
    call.current?.key(key);
    setPressed((before) => (before + key).slice(-16));
  };
  if (phone === "unknown") return <p class="notice">{words.loading}</p>;
  if (phone === null) return <p class="notice">{words.call_none}</p>;
  return (
    <div class="mobile telephone">
      <div class="bar">
        <strong>{fill(words.call_number, { company: company.company })}</strong>
        <span>{person.phone}</span>
      </div>
      <div class="dial">
        <p role="status" class="state">
          {told(state, reason, words)} {state === "talking" && <span class="timer">{minutes(seconds)}</span>}
        </p>
        <p class="pressed" aria-live="off">
          {pressed || "\u00a0"}
        </p>
        <div class="keys" role="group" aria-label={words.call_keys}>
          {KEYS.map((key) => (
            <button key={key} type="button" disabled={state !== "talking"} onClick={() => press(key)}>
              {key}
            </button>
          ))}
        </div>
        {live ? (
          <button type="button" class="button hang-up" onClick={() => call.current?.hangUp()}>
            <CallIcon /> {words.call_end}
          </button>
        ) : (
          <button type="button" class="button dial-up" onClick={() => void dial(phone)}>
            <CallIcon /> {words.call_start}
          </button>
        )}
        <p class="hint">{words.call_hint}</p>
      </div>
    </div>
  );
}

function told(state: CallState | "idle", reason: string, words: Words): string {
  switch (state) {
    case "idle":
      return "";
    case "connecting":
      return words.call_connecting;
    case "ringing":
      return words.call_ringing;
    case "talking":
      return words.call_talking;
    case "over":
      return words.call_over;
    case "failed":
      return fill(words.call_failed, { reason });
  }
}

function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
