/** One customer's texts and mails, kept in step with the server by sequence number. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, type Item, type Person } from "./api";

const POLL_MS = 1_500;
const POLL_HIDDEN_MS = 10_000;
const ITEMS_MAX = 400;

export interface Inbox {
  items: readonly Item[];
  /** The server does not answer at the moment. */
  lost: boolean;
  /** Take in what was just sent, before the next poll brings it. */
  add: (item: Item) => void;
  unread: (channel: Item["channel"]) => number;
  markSeen: (channel: string) => void;
}

export function useInbox(person: Person): Inbox {
  const [items, setItems] = useState<readonly Item[]>([]);
  const [lost, setLost] = useState(false);
  const [seen, setSeen] = useState<Record<string, number>>({});
  const epoch = useRef("");
  const polled = useRef(0);

  useEffect(() => {
    let stopped = false;
    let timer = 0;
    const poll = async (): Promise<void> => {
      try {
        let answer = await api.inbox(person.phone, person.email, polled.current);
        if (stopped) return;
        if (answer.epoch !== epoch.current) {
          // Another process of the hub: its numbers begin again, and it knows nothing of before.
          if (polled.current > 0) answer = await api.inbox(person.phone, person.email, 0);
          epoch.current = answer.epoch;
          setItems([]);
          setSeen({});
        }
        polled.current = Math.max(polled.current, ...answer.items.map((item) => item.seq));
        if (answer.items.length > 0) setItems((before) => merged(before, answer.items));
        setLost(false);
      } catch {
        setLost(true);
      }
      timer = window.setTimeout(() => void poll(), document.hidden ? POLL_HIDDEN_MS : POLL_MS);
    };
    void poll();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [person.phone, person.email]);

  const add = useCallback((item: Item) => setItems((before) => merged(before, [item])), []);
  const unread = (channel: Item["channel"]): number =>
    items.filter((item) => item.channel === channel && item.direction === "received" && item.seq > (seen[channel] ?? 0)).length;
  const last = items.at(-1)?.seq ?? 0;
  const markSeen = useCallback(
    (channel: string) => setSeen((before) => (before[channel] === last ? before : { ...before, [channel]: last })),
    [last],
  );
  return { items, lost, add, unread, markSeen };
}

/** Each item once, in order of its number. */
export function merged(before: readonly Item[], more: readonly Item[]): Item[] {
  const known = new Set(before.map((item) => item.seq));
  const all = [...before, ...more.filter((item) => !known.has(item.seq))];
  return all.sort((one, other) => one.seq - other.seq).slice(-ITEMS_MAX);
}
