/** The screen-pop: who it is, what it is worth and why, what is open, what happened before, and why it came to me. */
import { ActionIcon, CopyButton, Skeleton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconUserCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { languageName, monthAndYear, shortDate } from "@/i18n/format";
import { serverNow } from "@/live/clock";
import { useConsole } from "@/live/store";
import { answersInWords } from "@/ui/answers";
import { Decisions } from "@/ui/Decisions";
import { nameOf } from "@/i18n/names";
import { Avatar, Empty, Pill, SectionTitle, TierPill } from "@/ui/parts";
import type { AddressView, ContactView, OpenMatter } from "@/wire/protocol.gen";
import classes from "./customer.module.css";
import { History } from "./History";
import { Scores } from "./Scores";

export function CustomerPanel({ contact }: { contact: ContactView | null }) {
  const { t } = useTranslation();
  const everLive = useConsole((state) => state.everLive);
  if (!everLive) return <Waiting />;
  if (contact === null) return <Empty icon={<IconUserCircle size={22} />} title={t("customer.title")} hint={t("customer.none")} />;
  const { card } = contact;
  return (
    <div className={classes.panel} data-testid="customer" tabIndex={0}>
      <Identity contact={contact} />
      <Scores score={card.score} />
      <Answers answers={contact.answers} />
      <Section title={t("customer.open_matters")} count={card.open_matters.length}>
        {card.open_matters.length === 0 ? <p className={classes.none}>{t("customer.no_matters")}</p> : <Matters matters={card.open_matters} />}
      </Section>
      <Section title={t("customer.history")}>
        <History key={card.customer_id} card={card} present={contact.interaction_id} />
      </Section>
      <Section title={t("customer.reach")}>
        <ul className={classes.addresses}>
          {card.addresses.map((each) => <Address key={`${each.kind}:${each.address}`} address={each} />)}
        </ul>
      </Section>
      <Section title={t("customer.why_me")}>
        <Decisions contactId={contact.contact_id} />
      </Section>
    </div>
  );
}

function Identity({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  const { card } = contact;
  const name = nameOf(contact);
  return (
    <div className={classes.identity}>
      <Avatar name={name} seed={card.customer_id} size={48} />
      <div className={classes.identityText}>
        <h2 className={classes.name}>{name}</h2>
        <div className={classes.pills}>
          {card.known ? <TierPill tier={card.score.tier} /> : <Pill>{t("customer.new")}</Pill>}
          {card.language !== "" && <Pill>{languageName(card.language)}</Pill>}
        </div>
        {card.customer_since_at_ms !== null && (
          <div className={classes.since}>{t("customer.since", { date: monthAndYear(card.customer_since_at_ms) })}</div>
        )}
      </div>
    </div>
  );
}

function Section({ title, count, children }: { title: string; count?: number; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <SectionTitle>{title}</SectionTitle>
        {count !== undefined && count > 0 && <Pill tone="warn">{count}</Pill>}
      </div>
      {children}
    </section>
  );
}

function Answers({ answers }: { answers: Readonly<Record<string, string>> }) {
  const { t } = useTranslation();
  const given = answersInWords(answers);
  if (given.length === 0) return null;
  return (
    <Section title={t("customer.answers")}>
      <dl className={classes.answers}>
        {given.map((each) => <div key={each.key}><dt>{each.question}</dt><dd>{each.answer}</dd></div>)}
      </dl>
    </Section>
  );
}

function Matters({ matters }: { matters: readonly OpenMatter[] }) {
  const { t } = useTranslation();
  return (
    <ul className={classes.matters}>
      {matters.map((matter) => (
        <li key={matter.id} className={classes.matter} data-kind={matter.kind}>
          <div className={classes.matterTitle}>{matter.title}</div>
          <div className={classes.matterLine}>
            <span>{t(`customer.kind.${matter.kind}`)} {matter.id}</span>
            <Status status={matter.status} />
            <time>{shortDate(matter.opened_at_ms, serverNow())}</time>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** An order's or case's state in words; one that is not known here is shown as it came. */
function Status({ status }: { status: string }) {
  const { t } = useTranslation();
  switch (status) {
    case "late":
      return <Pill tone="bad">{t("customer.status.late")}</Pill>;
    case "open":
    case "placed":
    case "packed":
    case "shipped":
      return <span>{t(`customer.status.${status}`)}</span>;
    default:
      return <span>{status}</span>;
  }
}

function Address({ address }: { address: AddressView }) {
  const { t } = useTranslation();
  return (
    <li className={classes.address}>
      <span className={classes.addressKind}>{t(`customer.address.${address.kind}`)}</span>
      <span className={classes.addressText}>{address.address}</span>
      <CopyButton value={address.address}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t("customer.copied") : t("customer.copy", { value: address.address })}>
            <ActionIcon variant="subtle" color="gray" c="var(--text-3)" size={26} aria-label={t("customer.copy", { value: address.address })} onClick={copy}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </li>
  );
}

function Waiting() {
  return (
    <div className={classes.panel} aria-busy>
      <div className={classes.identity}><Skeleton circle height={48} /><Skeleton height={34} /></div>
      <Skeleton height={76} radius={10} />
      <Skeleton height={120} mt={18} radius={10} />
    </div>
  );
}
