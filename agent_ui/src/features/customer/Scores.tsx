/** Value and loyalty with their parts and reasons, and what they buy in line. */
import { Collapse, Tooltip, UnstyledButton } from "@mantine/core";
import { IconBolt, IconChevronDown } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { decimal, longDate, roughSpan } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import type { ScorePartView, ScoreView } from "@/wire/protocol.gen";
import classes from "./customer.module.css";

export function Scores({ score }: { score: ScoreView }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const partsId = useId();
  return (
    <section className={classes.scores}>
      <div className={classes.meters}>
        <Meter label={t("customer.value")} value={score.value} />
        <Meter label={t("customer.loyalty")} value={score.loyalty} />
      </div>
      <div className={classes.scoreFoot}>
        <Tooltip label={t("customer.head_start_hint")} multiline w={260}>
          <span className={classes.headStart} tabIndex={0}>
            <IconBolt size={14} aria-hidden />
            {score.head_start_ms > 0 ? t("customer.head_start", { time: roughSpan(score.head_start_ms) }) : t("customer.head_start_none")}
          </span>
        </Tooltip>
        <UnstyledButton className={classes.why} aria-expanded={open} aria-controls={partsId} onClick={() => setOpen(!open)}>
          {t("customer.why_score")}
          <IconChevronDown size={14} aria-hidden data-open={open} />
        </UnstyledButton>
      </div>
      <Collapse expanded={open} transitionDuration={120} id={partsId}>
        {score.neutral && <p className={classes.none}>{t("customer.neutral")}</p>}
        <Parts title={t("customer.value")} parts={score.value_parts} />
        <Parts title={t("customer.loyalty")} parts={score.loyalty_parts} />
        <p className={classes.asOf}>{t("customer.as_of", { date: longDate(score.computed_at_ms) })}</p>
      </Collapse>
    </section>
  );
}

function Meter({ label, value }: { label: string; value: number }) {
  const { t } = useTranslation();
  return (
    <div className={classes.meter} role="meter" aria-label={label} aria-valuenow={value} aria-valuemin={0} aria-valuemax={100} aria-valuetext={t("customer.of_100", { score: value })}>
      <div className={classes.meterTop}>
        <span className={classes.meterLabel}>{label}</span>
        <span className={`${classes.meterValue} num`}>{value}</span>
      </div>
      <div className={classes.track}><div className={classes.fill} style={{ width: `${value}%` }} /></div>
    </div>
  );
}

function Parts({ title, parts }: { title: string; parts: readonly ScorePartView[] }) {
  const { t } = useTranslation();
  return (
    <div className={classes.parts}>
      <div className={classes.partsTitle}>{title}</div>
      {parts.length === 0 && <p className={classes.none}>{t("customer.no_parts")}</p>}
      {parts.map((part) => (
        <div key={part.name} className={classes.part}>
          <span>{said(part.reason) || part.name}</span>
          <span className={`${classes.points} num`} data-minus={part.points < 0}>{decimal(part.points)}</span>
        </div>
      ))}
    </div>
  );
}
