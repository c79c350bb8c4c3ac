/** Which contact is in front. Pure. */
import type { ContactView } from "@/wire/protocol.gen";

/**
 * What is in front after the contacts have changed from `before` to `after`.
 *
 * A contact that went away gives its place to the newest one left. One that was chosen and has not come yet (its
 * offer was accepted, its event is on the way) is waited for.
 */
export function reselected(
  selected: string | null,
  before: readonly ContactView[],
  after: readonly ContactView[],
): string | null {
  const has = (contacts: readonly ContactView[]) => contacts.some((each) => each.contact_id === selected);
  if (has(after)) return selected;
  if (selected !== null && !has(before)) return selected;
  return newest(after);
}

/** After a snapshot nothing is on its way: what is not there is gone. */
export function reselectedFresh(selected: string | null, contacts: readonly ContactView[]): string | null {
  return contacts.some((each) => each.contact_id === selected) ? selected : newest(contacts);
}

function newest(contacts: readonly ContactView[]): string | null {
  return contacts.at(-1)?.contact_id ?? null;
}
