/** What to call somebody: the name, else the address; a web visitor's address means nothing to people. */
import i18next from "i18next";
import type { ContactView } from "@/wire/protocol.gen";

export function nameOf(contact: ContactView): string {
  if (contact.card.name !== "") return contact.card.name;
  if (contact.channel === "chat") return i18next.t("customer.address.visitor");
  return contact.address || i18next.t("customer.unknown");
}
