/** The last interactions over all channels; the whole story on request. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { shortDate } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import { serverNow } from "@/live/clock";
import { useMe } from "@/live/store";
import { ChannelIcon } from "@/ui/icons";
import { Pill } from "@/ui/parts";
import { api } from "@/wire/api";
import type { CustomerCard, PastInteraction } from "@/wire/protocol.gen";
import classes from "./customer.module.css";

export function History({ card, present }: { card: CustomerCard; present: string }) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const story = useQuery({
    queryKey: ["timeline", card.customer_id],
    queryFn: () => api.timeline(card.customer_id),
    enabled: whole,
  });
  const all = story.data?.items.filter((each) => each.interaction_id !== present);
  const items = whole && all !== undefined ? all : card.last_interactions;
  if (items.length === 0) return <p className={classes.none}>{t("customer.no_history")}</p>;
  return (
    <>
      <ol className={classes.history}>
        {items.map((each) => <Line key={each.interaction_id} past={each} />)}
      </ol>
      {story.isError && <p className={classes.trouble} role="alert">{t("customer.failed")}</p>}
      {(!whole || story.isError) && card.last_interactions.length >= 5 && (
        <Button variant="subtle" size="compact-sm" onClick={() => (whole ? void story.refetch() : setWhole(true))}>
          {story.isError ? t("action.retry") : t("customer.full_history")}
        </Button>
      )}
    </>
  );
}

function Line({ past }: { past: PastInteraction }) {
  const { t } = useTranslation();
  const { dispositions } = useMe();
  const known = dispositions.find((each) => each.code === past.disposition);
  const disposition = known === undefined ? past.disposition : said(known.labels);
  return (
    <li className={classes.past}>
      <ChannelIcon channel={past.channel} size={15} />
      <div className={classes.pastText}>
        <div className={classes.pastTop}>
          <span className={classes.pastSubject}>{past.subject || t(`channel.${past.channel}`)}</span>
          <time className="num">{shortDate(past.opened_at_ms, serverNow())}</time>
        </div>
        {past.excerpt !== "" && <div className={classes.excerpt}>{past.excerpt}</div>}
        <div className={classes.pastFoot}>
          {past.state === "open" && <Pill tone="accent">{t("customer.open")}</Pill>}
          {disposition !== "" && <Pill>{disposition}</Pill>}
          {past.agent_name !== "" && <span>{past.agent_name}</span>}
        </div>
      </div>
    </li>
  );
}
