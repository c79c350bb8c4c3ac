/** Every route of the hub that the console uses, with its types. */
import { command, get } from "./http";
import type {
  ContactView,
  CustomerCard,
  Decisions,
  LoginRequest,
  Me,
  Messages,
  Ok,
  Phone as PhoneSettings,
  PresenceRequest,
  Quarantine,
  QuarantineRow,
  RejectRequest,
  SendRequest,
  Timeline,
  WaitingWhy,
  WrapUpRequest,
} from "./protocol.gen";

const id = encodeURIComponent;

export const api = {
  login: (body: LoginRequest) => command<Me>("/api/login", body),
  logout: () => command<Ok>("/api/logout"),
  me: () => get<Me>("/api/me"),

  setPresence: (body: PresenceRequest) => command<Ok>("/api/presence", body),
  acceptOffer: (offerId: string) => command<Ok>(`/api/offers/${id(offerId)}/accept`),
  rejectOffer: (offerId: string, body: RejectRequest) => command<Ok>(`/api/offers/${id(offerId)}/reject`, body),

  contact: (contactId: string) => get<ContactView>(`/api/contacts/${id(contactId)}`),
  decisions: (contactId: string) => get<Decisions>(`/api/contacts/${id(contactId)}/decisions`),
  /** Why a contact waits; refused with 409 when it does not. */
  why: (contactId: string) => get<WaitingWhy>(`/api/contacts/${id(contactId)}/why`),
  messages: (interactionId: string, after: number) =>
    get<Messages>(`/api/interactions/${id(interactionId)}/messages?after=${after}`),
  send: (contactId: string, body: SendRequest) =>
    command<unknown>(`/api/contacts/${id(contactId)}/messages`, body, body.client_id),
  end: (contactId: string) => command<Ok>(`/api/contacts/${id(contactId)}/end`),
  hold: (contactId: string, on: boolean) => command<Ok>(`/api/contacts/${id(contactId)}/${on ? "hold" : "unhold"}`),
  wrapUp: (contactId: string, body: WrapUpRequest) => command<Ok>(`/api/contacts/${id(contactId)}/wrap-up`, body),
  markRead: (contactId: string, seq: number) => command<Ok>(`/api/contacts/${id(contactId)}/read`, { seq }),

  customer: (customerId: string) => get<CustomerCard>(`/api/customers/${id(customerId)}`),
  timeline: (customerId: string) => get<Timeline>(`/api/customers/${id(customerId)}/timeline`),
  quarantine: () => get<Quarantine>("/api/quarantine"),
  /** Where the mail as it came can be downloaded. */
  quarantinedMail: (row: QuarantineRow) =>
    `/api/quarantine/${id(row.account)}/${row.provider_id.split("/").map(id).join("/")}/raw`,
  /** What the softphone registers with; refused with 404 where there is no telephone. */
  phone: () => get<PhoneSettings>("/api/phone"),
};

export type { PhoneSettings };
