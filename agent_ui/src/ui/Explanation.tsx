/** An explanation of the hub in layers: who was compared with whom, who could not be asked, place in line, facts. */
import { useTranslation } from "react-i18next";
import { decimal, plainNumber, preciseSpan } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import type { Explanation, WhyCandidate, WhyExcluded, WhyFact, WhyLead, WhyPart } from "@/wire/protocol.gen";
import classes from "./explanation.module.css";
import { Pill, SectionTitle } from "./parts";

const CANDIDATES_MAX = 4;

/** The best free agents with the parts of their scores as bars on one scale. */
export function Candidates({ why }: { why: Explanation }) {
  const { t } = useTranslation();
  const shown = (why.candidates ?? []).slice(0, CANDIDATES_MAX);
  if (shown.length === 0) return null;
  const most = Math.max(1, ...shown.flatMap((each) => each.parts.map((part) => Math.abs(part.amount))));
  return (
    <section className={classes.block}>
      <div className={classes.blockHead}>
        <SectionTitle>{t("why.candidates")}</SectionTitle>
        {why.margin !== null && why.margin !== undefined && <Pill tone={why.margin < 0 ? "warn" : "ok"}>{t("why.margin", { points: decimal(why.margin) })}</Pill>}
      </div>
      <ol className={classes.candidates}>
        {shown.map((each) => <Candidate key={each.agent_id} candidate={each} most={most} />)}
      </ol>
    </section>
  );
}

function Candidate({ candidate, most }: { candidate: WhyCandidate; most: number }) {
  const { t } = useTranslation();
  return (
    <li className={classes.candidate} data-chosen={candidate.chosen}>
      <div className={classes.candidateTop}>
        <span className={classes.candidateName}>{candidate.agent_name}</span>
        {candidate.chosen && <Pill tone="accent">{t("why.chosen")}</Pill>}
        <span className={`${classes.score} num`}>{t("why.points", { points: plainNumber(candidate.score) })}</span>
      </div>
      <Bars parts={candidate.parts} most={most} write={decimal} />
    </li>
  );
}

/** Parts as bars from a common start; what takes away is red and has its minus. */
function Bars({ parts, most, write }: { parts: readonly WhyPart[]; most: number; write: (amount: number) => string }) {
  return (
    <ul className={classes.bars}>
      {parts.map((part) => (
        <li key={part.name} className={classes.bar}>
          <span className={classes.barLabel}>{said(part.label)}</span>
          <span className={classes.barTrack} aria-hidden>
            <span className={classes.barFill} data-minus={part.amount < 0} style={{ width: `${Math.round((Math.abs(part.amount) / most) * 100)}%` }} />
          </span>
          <span className={`${classes.barAmount} num`} data-minus={part.amount < 0}>{write(part.amount)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Who could not be asked, or cannot be asked `now`, by reason. */
export function Exclusions({ excluded, now = false }: { excluded: readonly WhyExcluded[]; now?: boolean }) {
  const { t } = useTranslation();
  if (excluded.length === 0) return null;
  return (
    <section className={classes.block}>
      <div className={classes.blockHead}><SectionTitle>{now ? t("why.excluded_now") : t("why.excluded")}</SectionTitle></div>
      <ul className={classes.pills}>
        {excluded.map((each) => (
          <li key={each.reason}><Pill><strong className="num">{each.count}</strong> {said(each.label)}</Pill></li>
        ))}
      </ul>
    </section>
  );
}

/** What counts as wait besides the wait, as parts of the most that is possible. */
export function Lead({ lead }: { lead: WhyLead }) {
  const { t } = useTranslation();
  const parts = lead.parts.filter((each) => each.amount !== 0);
  return (
    <section className={classes.block}>
      <div className={classes.blockHead}>
        <SectionTitle>{t("why.lead")}</SectionTitle>
        <Pill tone={lead.bound_ms === null ? "warn" : "plain"}>
          {lead.bound_ms === null ? t("why.no_bound") : t("why.lead_of", { lead: preciseSpan(lead.lead_ms), most: preciseSpan(lead.cap_ms) })}
        </Pill>
      </div>
      {parts.length === 0 ? (
        <p className={classes.quiet}>{t("why.no_lead")}</p>
      ) : (
        <Bars parts={parts} most={Math.max(lead.cap_ms, 1, ...parts.map((each) => Math.abs(each.amount)))} write={preciseSpan} />
      )}
    </section>
  );
}

/** What would have to change, the likeliest first. */
export function Changes({ changes }: { changes: readonly WhyFact[] }) {
  const { t } = useTranslation();
  if (changes.length === 0) return <p className={classes.quiet}>{t("why.no_changes")}</p>;
  return (
    <ol className={classes.changes}>
      {changes.map((each, index) => <li key={`${each.kind}:${index}`} data-kind={each.kind}>{said(each.text)}</li>)}
    </ol>
  );
}

/** The remaining facts as sentences; `without` names kinds that are drawn already. */
export function Facts({ facts, without }: { facts: readonly WhyFact[]; without: readonly string[] }) {
  const { t } = useTranslation();
  const shown = facts.filter((each) => !without.includes(each.kind));
  if (shown.length === 0) return null;
  return (
    <section className={classes.block}>
      <div className={classes.blockHead}><SectionTitle>{t("why.facts")}</SectionTitle></div>
      <ul className={classes.facts}>
        {shown.map((each) => <li key={each.kind} data-kind={each.kind}>{said(each.text)}</li>)}
      </ul>
    </section>
  );
}
