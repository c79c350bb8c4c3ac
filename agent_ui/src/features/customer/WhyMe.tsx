/** Each routing decision about this contact in one sentence, with the engine's own record behind it. */
import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { timeOfDay } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import { api } from "@/wire/api";
import type { DecisionView } from "@/wire/protocol.gen";
import classes from "./customer.module.css";

export function WhyMe({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const decisions = useQuery({ queryKey: ["decisions", contactId], queryFn: () => api.decisions(contactId) });
  if (decisions.isPending) return <Skeleton height={40} radius={8} />;
  if (decisions.isError) {
    return (
      <p className={classes.trouble} role="alert">
        {t("customer.failed")}{" "}
        <Button variant="subtle" size="compact-sm" onClick={() => void decisions.refetch()}>{t("action.retry")}</Button>
      </p>
    );
  }
  if (decisions.data.items.length === 0) return <p className={classes.none}>{t("customer.no_decisions")}</p>;
  return (
    <ol className={classes.decisions}>
      {decisions.data.items.toReversed().map((each) => <Decision key={each.offer_id} decision={each} />)}
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

function Decision({ decision }: { decision: DecisionView }) {
  const { t } = useTranslation();
  return (
    <li className={classes.decision}>
      <p className={classes.sentence}>{said(decision.sentence)}</p>
      <div className={classes.decisionFoot}>
        <time className="num">{timeOfDay(decision.at_ms)}</time>
        <span>{decision.agent_name}</span>
        <span><Outcome outcome={decision.outcome} /></span>
      </div>
      <details className={classes.trace}>
        <summary>{t("customer.trace")}</summary>
        <pre tabIndex={0}>{JSON.stringify(decision.trace, null, 2)}</pre>
      </details>
    </li>
  );
}
