/** One offer. */
import { Button, Kbd } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { clockSpan, languageName, roughSpan, shortDate } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import { acceptOffer, rejectOffer } from "@/live/actions";
import { serverNow, useNow } from "@/live/clock";
import { useConsole, useIsLive } from "@/live/store";
import type { LiveOffer } from "@/state/live";
import { ChannelIcon } from "@/ui/icons";
import { answersInWords } from "@/ui/answers";
import { nameOf } from "@/i18n/names";
import { Avatar, Pill, TierPill } from "@/ui/parts";
import type { PastInteraction } from "@/wire/protocol.gen";
import classes from "./offers.module.css";

export function OfferCard({ live, first, voiceHint }: { live: LiveOffer; first: boolean; voiceHint: string }) {
  const { t } = useTranslation();
  const { offer } = live;
  const { contact } = offer;
  const { card } = contact;
  const enabled = useIsLive();
  const busy = useConsole((state) => state.busy.has(`offer:${offer.offer_id}`));
  const box = useFocusUnlessTyping(first);
  const titleId = useId();
  const textId = useId();
  const name = nameOf(contact);
  return (
    <div
      ref={box}
      className={classes.card}
      role="alertdialog"
      aria-labelledby={titleId}
      aria-describedby={textId}
      tabIndex={-1}
      data-channel={contact.channel}
      data-testid="offer"
    >
      <header className={classes.head}>
        <ChannelIcon channel={contact.channel} tile />
        <div className={classes.headText}>
          <h2 id={titleId} className={classes.title}>{t(`offer.incoming_${contact.channel}`)}</h2>
          <span className={classes.queue}>{contact.queue_name} · {t("offer.waited", { time: roughSpan(offer.waited_ms) })}</span>
        </div>
        <Countdown live={live} />
      </header>
      <div id={textId} className={classes.body}>
        <div className={classes.person}>
          <Avatar name={name} seed={card.customer_id} size={44} />
          <div className={classes.personText}>
            <div className={classes.name}>{name}</div>
            <div className={classes.pills}>
              {card.known ? <TierPill tier={card.score.tier} /> : <Pill>{t("customer.new")}</Pill>}
              {card.language !== "" && <Pill>{languageName(card.language)}</Pill>}
            </div>
          </div>
          <div className={classes.scores}>
            <Score label={t("customer.value")} value={card.score.value} testId="value" />
            <Score label={t("customer.loyalty")} value={card.score.loyalty} testId="loyalty" />
          </div>
        </div>
        {first && <Facts live={live} />}
        {first && <Before past={card.last_interactions} />}
        {first && said(offer.why) !== "" && <p className={classes.why}>{said(offer.why)}</p>}
        {contact.channel === "voice" && <p className={classes.hint}>{voiceHint}</p>}
      </div>
      <footer className={classes.actions}>
        <Button
          variant="default"
          size="md"
          leftSection={<IconX size={17} />}
          rightSection={first ? <Kbd className={classes.key}>Alt R</Kbd> : null}
          disabled={!enabled || busy}
          aria-keyshortcuts="Alt+R"
          onClick={() => void rejectOffer(offer.offer_id)}
        >
          {t("offer.reject")}
        </Button>
        <Button
          size="md"
          className={classes.accept}
          leftSection={<IconCheck size={18} />}
          rightSection={first ? <Kbd className={classes.acceptKey}>Alt A</Kbd> : null}
          disabled={!enabled}
          loading={busy}
          aria-keyshortcuts="Alt+A"
          onClick={() => void acceptOffer(offer)}
        >
          {t("offer.accept")}
        </Button>
      </footer>
    </div>
  );
}

function Score({ label, value, testId }: { label: string; value: number; testId: string }) {
  return (
    <div className={classes.score}>
      <span className={`${classes.scoreValue} num`} data-testid={testId}>{value}</span>
      <span className={classes.scoreLabel}>{label}</span>
    </div>
  );
}

/** What the customer said so far: subject, choices in the menu, the last thing that happened before. */
function Facts({ live }: { live: LiveOffer }) {
  const { t } = useTranslation();
  const { contact, skills } = live.offer;
  const answers = answersInWords(contact.answers);
  const matter = contact.card.open_matters[0];
  const words = contact.subject || contact.last_text;
  if (words === "" && answers.length === 0 && matter === undefined && skills.length === 0) return null;
  return (
    <dl className={classes.facts}>
      {words !== "" && <div><dt>{t(`channel.${contact.channel}`)}</dt><dd>{words}</dd></div>}
      {answers.map((each) => <div key={each.key}><dt>{each.question}</dt><dd>{each.answer}</dd></div>)}
      {matter !== undefined && <div><dt>{t(`customer.kind.${matter.kind}`)}</dt><dd>{matter.title}</dd></div>}
      {skills.length > 0 && <div><dt>{t("offer.skills")}</dt><dd>{skills.join(", ")}</dd></div>}
    </dl>
  );
}

const BEFORE_SHOWN = 3;

/** What happened last, over all channels; the panel beside it has the rest. */
function Before({ past }: { past: readonly PastInteraction[] }) {
  const { t } = useTranslation();
  if (past.length === 0) return null;
  return (
    <ul className={classes.before} aria-label={t("customer.history")}>
      {past.slice(0, BEFORE_SHOWN).map((each) => (
        <li key={each.interaction_id}>
          <ChannelIcon channel={each.channel} size={15} />
          <span className={classes.beforeSubject}>{each.subject || each.excerpt || t(`channel.${each.channel}`)}</span>
          <time className="num">{shortDate(each.opened_at_ms, serverNow())}</time>
        </li>
      ))}
    </ul>
  );
}

const RADIUS = 18;
const AROUND = 2 * Math.PI * RADIUS;

function Countdown({ live }: { live: LiveOffer }) {
  const { t } = useTranslation();
  const now = useNow();
  const leftMs = Math.max(0, live.expires_at_ms - now);
  const seconds = Math.ceil(leftMs / 1_000);
  const share = live.offer.ring_ms > 0 ? Math.min(1, leftMs / live.offer.ring_ms) : 0;
  return (
    <div className={classes.countdown} data-late={seconds <= 5} role="timer" aria-label={t("offer.seconds_left", { count: seconds })}>
      <svg viewBox="0 0 44 44" aria-hidden>
        <circle className={classes.track} cx="22" cy="22" r={RADIUS} />
        <circle className={classes.sweep} cx="22" cy="22" r={RADIUS} strokeDasharray={AROUND} strokeDashoffset={AROUND * (1 - share)} />
      </svg>
      <span className="num">{seconds < 60 ? seconds : clockSpan(leftMs)}</span>
    </div>
  );
}

/** Take the focus to the card and give it back at the end, unless the agent is typing. */
function useFocusUnlessTyping(wanted: boolean) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const element = box.current;
    if (!wanted || element === null || isField(before)) return;
    element.focus({ preventScroll: true });
    return () => {
      const lost = document.activeElement === document.body || element.contains(document.activeElement);
      if (lost && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [wanted]);
  return box;
}

function isField(element: Element | null): boolean {
  return element !== null && element.matches("input, textarea, select, [contenteditable='true']");
}
