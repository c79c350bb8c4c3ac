/** Each routing decision about a contact, newest first: one sentence, then candidates and reasons, then the record. */
import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { timeOfDay } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import { api } from "@/wire/api";
import type { DecisionView } from "@/wire/protocol.gen";
import classes from "./decisions.module.css";
import { Candidates, Exclusions, Facts, Lead } from "./Explanation";

const DRAWN = ["agent", "excluded", "unfit"];

export function Decisions({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const decisions = useQuery({ queryKey: ["decisions", contactId], queryFn: () => api.decisions(contactId) });
  if (decisions.isPending) return <div aria-busy><Skeleton height={40} radius={8} /></div>;
  if (decisions.isError) {
    return (
      <p className={classes.trouble} role="alert">
        {t("why.failed")}{" "}
        <Button variant="subtle" size="compact-sm" onClick={() => void decisions.refetch()}>{t("action.retry")}</Button>
      </p>
    );
  }
  if (decisions.data.items.length === 0) return <p className={classes.none}>{t("customer.no_decisions")}</p>;
  return (
    <ol className={classes.decisions}>
      {decisions.data.items.toReversed().map((each, index) => <Decision key={each.offer_id} decision={each} open={index === 0} />)}
    </ol>
  );
}

/** What became of the offer; a state that is not known here is shown as it came. */
function Outcome({ outcome }: { outcome: string }) {
  const { t } = useTranslation();
  switch (outcome) {
    case "accepted":
    case "rejected":
    case "timed_out":
    case "withdrawn":
    case "rescinded":
    case "setup_failed":
      return t(`customer.outcome.${outcome}`);
    default:
      return outcome;
  }
}

function Decision({ decision, open }: { decision: DecisionView; open: boolean }) {
  const { t } = useTranslation();
  const { why } = decision;
  return (
    <li className={classes.decision} data-testid="decision">
      <p className={classes.sentence}>{said(why.headline)}</p>
      <div className={classes.foot}>
        <time className="num">{timeOfDay(decision.at_ms)}</time>
        <span>{decision.agent_name}</span>
        <span><Outcome outcome={decision.outcome} /></span>
      </div>
      <details className={classes.more} open={open}>
        <summary>{t("why.more")}</summary>
        <Candidates why={why} />
        <Exclusions excluded={why.excluded ?? []} />
        {why.lead !== null && why.lead !== undefined && <Lead lead={why.lead} />}
        <Facts facts={why.facts} without={DRAWN} />
      </details>
      <details className={classes.more}>
        <summary>{t("customer.trace")}</summary>
        <pre tabIndex={0}>{JSON.stringify(decision.trace, null, 2)}</pre>
      </details>
    </li>
  );
}
