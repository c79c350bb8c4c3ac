// Generated from hub/wire.py by `python -m hub.gen_types`. Do not edit.

export type Channel = "voice" | "chat" | "sms" | "email";

export type ContactState = "queued" | "offered" | "connecting" | "active" | "parked" | "callback" | "wrap_up" | "closed" | "abandoned" | "voicemail" | "turned_away";

export type Presence = "offline" | "available" | "aux" | "rona";

export type Role = "agent" | "supervisor" | "admin";

export type RuleSetState = "draft" | "simulated" | "approved" | "staged" | "published" | "retired";

/** A reason for being away, from config.yaml. `labels` by language ("en", "zh"). */
export interface AuxCode {
  code: string;
  labels: Record<string, string>;
}

export interface Disposition {
  code: string;
  labels: Record<string, string>;
}

/** Who is logged in, and what a console needs to know once. */
export interface Me {
  agent_id: string;
  name: string;
  username: string;
  roles: Role[];
  language: string;
  phone_endpoint: string;
  aux_codes: AuxCode[];
  dispositions: Disposition[];
  demo: boolean;
}

/** `wrap_up` true while a contact of the agent is being wrapped up. `cause` in plain words. */
export interface PresenceView {
  agent_id: string;
  presence: Presence;
  code: string;
  since_at_ms: number;
  cause: string;
  wrap_up: boolean;
  phone_reachable: boolean;
  load_units: number;
  capacity_units: number;
  pending?: Presence | null;
  pending_code?: string;
}

/** A summand of a score with its reason, e.g. ("tenure", 18.0, "customer for 6 years"). */
export interface ScorePartView {
  name: string;
  points: number;
  reason: Record<string, string>;
}

/** Customer value and loyalty, 0-100. `neutral` true: nothing known, a default was used. */
export interface ScoreView {
  value: number;
  loyalty: number;
  tier: "bronze" | "gold" | "none" | "platinum" | "silver";
  head_start_ms: number;
  neutral: boolean;
  computed_at_ms: number;
  value_parts: ScorePartView[];
  loyalty_parts: ScorePartView[];
}

export interface AddressView {
  kind: "email" | "phone" | "visitor";
  address: string;
}

/** An open case, complaint or undelivered order. */
export interface OpenMatter {
  kind: "case" | "complaint" | "order";
  id: string;
  title: string;
  status: string;
  opened_at_ms: number;
}

/** One line of the story over all channels. */
export interface PastInteraction {
  interaction_id: string;
  channel: Channel;
  opened_at_ms: number;
  subject: string;
  excerpt: string;
  disposition: string;
  agent_name: string;
  state: "closed" | "open";
}

/** The screen-pop: who it is, what it is worth and why, what happened before. */
export interface CustomerCard {
  customer_id: string;
  name: string;
  known: boolean;
  language: string;
  addresses: AddressView[];
  customer_since_at_ms: number | null;
  score: ScoreView;
  open_matters: OpenMatter[];
  last_interactions: PastInteraction[];
}

export interface AttachmentView {
  attachment_id: string;
  filename: string;
  content_type: string;
  size_bytes: number;
  url: string;
  blocked: string;
}

/** A line of a conversation. `author`: customer, agent, system or note (internal). */
export interface MessageView {
  message_id: string;
  interaction_id: string;
  seq: number;
  author: "agent" | "customer" | "note" | "system";
  author_name: string;
  channel: Channel;
  text: string;
  new_text: string;
  html: string;
  subject: string;
  at_ms: number;
  delivery: "" | "delivered" | "failed" | "queued" | "sending" | "sent" | "undelivered" | "unknown";
  delivery_detail: string;
  attachments: AttachmentView[];
  client_id: string;
}

/** A contact as its agent's console shows it. `answers` are IVR or pre-chat choices. */
export interface ContactView {
  contact_id: string;
  interaction_id: string;
  channel: Channel;
  state: ContactState;
  queue_id: string;
  queue_name: string;
  subject: string;
  address: string;
  answers: Record<string, string>;
  enqueued_at_ms: number;
  state_since_at_ms: number;
  wrap_up_until_at_ms: number | null;
  held: boolean;
  unread: number;
  last_seq: number;
  last_text: string;
  card: CustomerCard;
}

/**
 * An offer with everything the agent should know before the first word.
 *
 * `expires_in_ms` counts from when the frame is received: consoles have no clock of their own.
 */
export interface OfferView {
  offer_id: string;
  contact: ContactView;
  expires_in_ms: number;
  ring_ms: number;
  waited_ms: number;
  skills: string[];
  why: Record<string, string>;
}

/** One thing to know, as a sentence; `kind` says what it is about (rule, plan, lead, excluded, ...). */
export interface WhyFact {
  kind: string;
  text: Record<string, string>;
}

/** A summand: points of a score, or milliseconds of a lead. */
export interface WhyPart {
  name: string;
  label: Record<string, string>;
  amount: number;
}

/** An agent who was free. Parts that are zero are left out. */
export interface WhyCandidate {
  agent_id: string;
  agent_name: string;
  chosen: boolean;
  score: number;
  parts: WhyPart[];
}

/** How many agents could not be asked for this reason. */
export interface WhyExcluded {
  reason: string;
  label: Record<string, string>;
  count: number;
}

/**
 * Why a contact stands where it stands in line; `parts` add up to `lead_ms`.
 *
 * `overtook_ms`: how much earlier the longest-waiting one had come that was passed over; `bound_ms`: the
 * most that this can be, None: there is no bound.
 */
export interface WhyLead {
  lead_ms: number;
  cap_ms: number;
  target_ms: number;
  overtook_ms: number;
  bound_ms: number | null;
  parts: WhyPart[];
}

/** In four of five cases the wait lies between low and high. Always shown as an interval. */
export interface ExpectedWait {
  low_ms: number;
  likely_ms: number;
  high_ms: number;
}

/**
 * A decision, or the lack of one, in layers: one sentence, then facts, then figures to draw.
 *
 * `changes`: what would end or shorten a wait, the likeliest first. `candidates`: the best free agents, best
 * first; `margin`: points of the chosen one ahead of the next.
 */
export interface Explanation {
  headline: Record<string, string>;
  facts: WhyFact[];
  changes?: WhyFact[];
  candidates?: WhyCandidate[];
  margin?: number | null;
  excluded?: WhyExcluded[];
  lead?: WhyLead | null;
}

/** Insert or replace: it comes again when its contact changes while it rings (the customer writes on). */
export interface OfferCreated {
  type: "offer.created";
  offer: OfferView;
}

/** `reason`: accepted, rejected, timed_out, withdrawn, rescinded, setup_failed. */
export interface OfferEnded {
  type: "offer.ended";
  offer_id: string;
  reason: string;
}

/**
 * Insert or replace while connecting, active or wrap_up. In any other state it has left this agent
 * (closed, abandoned, or queued or offered again): remove it.
 */
export interface ContactChanged {
  type: "contact.changed";
  contact: ContactView;
}

/** New, or the same `message_id` with another delivery state: insert or replace. */
export interface MessageAdded {
  type: "message.added";
  contact_id: string;
  message: MessageView;
}

export interface PresenceChanged {
  type: "presence.changed";
  presence: PresenceView;
}

/** The customer is typing; show for 4 s. */
export interface Typing {
  type: "typing";
  contact_id: string;
}

/** A sentence for the agent, by language. */
export interface Notice {
  type: "notice";
  level: "error" | "info" | "warning";
  code: string;
  text: Record<string, string>;
}

export type ConsoleEvent = OfferCreated | OfferEnded | ContactChanged | MessageAdded | PresenceChanged | Typing | Notice;

/** Everything live on a console. Snapshot + later events = fresh snapshot. */
export interface Snapshot {
  presence: PresenceView;
  offers: OfferView[];
  contacts: ContactView[];
}

export interface Hello {
  epoch?: string;
  seq?: number;
  tab_id?: string;
}

export interface HelloReplay {
  type: "replay";
  epoch: string;
  seq: number;
  now_at_ms: number;
  events: Frame[];
}

export interface HelloSnapshot {
  type: "snapshot";
  epoch: string;
  seq: number;
  now_at_ms: number;
  snapshot: Snapshot;
}

export interface Frame {
  s: number;
  d: ConsoleEvent;
}

/** Ack of a socket command that cannot be done. `code`: unknown_command, bad_request, unauthorised... */
export interface SocketError {
  type: "error";
  code: string;
  detail: string;
}

/** Console -> hub on "offer_delivered": this console shows the offer. */
export interface OfferDeliveredAck {
  offer_id: string;
}

/** Console -> hub on "typing": the agent types a reply (at most one in 3 s). */
export interface TypingSent {
  contact_id: string;
}

export interface QueueRow {
  queue_id: string;
  name: string;
  waiting: number;
  oldest_wait_ms: number;
  offered: number;
  active: number;
  agents_available: number;
  agents_staffed: number;
  answered_today: number;
  abandoned_today: number;
  service_level: number | null;
  sl_target_ms: number;
  bound_ms?: number | null;
  expected?: ExpectedWait | null;
  reserve?: "closed" | "none" | "open";
}

/** A waiting contact: `why_not_yet` in one sentence per language, `expected` from now on. */
export interface WaitingRow {
  contact_id: string;
  queue_id: string;
  channel: Channel;
  customer_name: string;
  value: number;
  enqueued_at_ms: number;
  head_start_ms: number;
  position: number;
  why_not_yet: Record<string, string>;
  state?: ContactState;
  lead_ms?: number;
  expected?: ExpectedWait | null;
}

export interface AgentRow {
  agent_id: string;
  name: string;
  presence: PresenceView;
  skills: string[];
  contacts: AgentWork[];
  console_connected: boolean;
}

export interface AgentWork {
  contact_id: string;
  channel: Channel;
  state: ContactState;
  customer_name: string;
  since_at_ms: number;
}

export interface QuarantineRow {
  account: string;
  provider_id: string;
  received_at_ms: number;
  reason: string;
  size_bytes: number;
}

/** Supervisor page -> hub on "board_watch"; the present Board follows at once on the "board" event. */
export interface WatchBoard {
  on?: boolean;
}

/** Pushed on the "board" event, at most once a second, only while it changes and somebody watches. */
export interface Board {
  type: "board";
  at_ms: number;
  queues: QueueRow[];
  agents: AgentRow[];
  waiting: WaitingRow[];
  quarantined: number;
}

export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  errors?: FieldError[];
  type?: string;
}

export interface FieldError {
  pointer: string;
  detail: string;
}

export interface LoginRequest {
  username: string;
  password: string;
}

/** What the telephone inside a console registers with (SIP over websocket). */
export interface Phone {
  ws_uri: string;
  sip_uri: string;
  password: string;
}

/** `after_work`: not before the work in hand is finished; until then nothing more is offered. */
export interface PresenceRequest {
  presence: "aux" | "available" | "offline";
  code?: string;
  after_work?: boolean;
}

export interface RejectRequest {
  reason?: string;
}

/** The agent has seen the conversation up to and including `seq`. */
export interface ReadRequest {
  seq: number;
}

/** `client_id` makes a repeat harmless. `note`: internal, never leaves the hub. */
export interface SendRequest {
  client_id: string;
  text: string;
  note?: boolean;
}

export interface WrapUpRequest {
  disposition: string;
  note?: string;
}

/** Answer to a message: its id, under which `message.added` brings it to every console of the agent. */
export interface Sent {
  message_id: string;
}

export interface Ok {
  ok?: boolean;
}

export interface Messages {
  items: MessageView[];
  last_seq: number;
}

export interface Timeline {
  items: PastInteraction[];
}

export interface Quarantine {
  items: QuarantineRow[];
}

/** One decision about a contact, as recorded. `trace` is the engine's DecisionTrace. */
export interface DecisionView {
  offer_id: string;
  at_ms: number;
  agent_id: string;
  agent_name: string;
  outcome: string;
  why: Explanation;
  trace: Record<string, unknown>;
}

export interface Decisions {
  contact_id: string;
  items: DecisionView[];
}

/** Why a contact waits at `at_ms`, and what would have to change. */
export interface WaitingWhy {
  contact_id: string;
  at_ms: number;
  queue_id: string;
  queue_name: string;
  channel: Channel;
  state: ContactState;
  customer_name: string;
  enqueued_at_ms: number;
  position: number;
  waiting: number;
  expected: ExpectedWait | null;
  why: Explanation;
}

/** Who gets a staged set: `percent` of the contacts, of `queues` only where any are named. */
export interface Trial {
  percent: number;
  queues: string[];
}

/** A state that a set went into. `detail` has e.g. the `summary` of a simulation or what was `skipped`. */
export interface RuleSetStep {
  state: RuleSetState;
  by: string;
  at_ms: number;
  note: string;
  detail: Record<string, unknown>;
}

/** A rule set with its steps, oldest first. `trial` only while it is staged. */
export interface RuleSetRow {
  hash: string;
  state: RuleSetState;
  author: string;
  note: string;
  created_at_ms: number;
  published_at_ms: number | null;
  trial: Trial | null;
  steps: RuleSetStep[];
}

/** The sets in force first, then the one changed last. */
export interface RuleSets {
  items: RuleSetRow[];
}

/** A rule set with all that it says, as JSON and in sentences, one for each rule. */
export interface RuleSetDocument {
  row: RuleSetRow;
  body: Record<string, unknown>;
  words: string[];
}

/** What changes from one set to another, a sentence each; empty when nothing that matters does. */
export interface RuleSetDiff {
  from_hash: string;
  to_hash: string;
  words: string[];
}

/** `body` is the whole rule set; pointers of a refusal lead into this request. */
export interface DraftRequest {
  body: unknown;
  note?: string;
}

/** Why, kept with the step. */
export interface RuleNoteRequest {
  note?: string;
}

export interface StageRequest {
  percent?: number;
  queues?: string[];
  note?: string;
}

/** `to`: the hash to go back to, or its beginning; "" for the set that was in force before. */
export interface RollBackRequest {
  to?: string;
  note?: string;
}
