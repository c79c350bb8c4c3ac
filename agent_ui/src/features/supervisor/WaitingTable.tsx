/** Who waits, in the order in which they would be served, and why not yet. */
import { useTranslation } from "react-i18next";
import { roughSpan } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import { ChannelIcon } from "@/ui/icons";
import { Empty, Pill, Timer } from "@/ui/parts";
import type { QueueRow, WaitingRow } from "@/wire/protocol.gen";
import classes from "./supervisor.module.css";

export function WaitingTable({ waiting, queues }: { waiting: readonly WaitingRow[]; queues: readonly QueueRow[] }) {
  const { t } = useTranslation();
  if (waiting.length === 0) return <Empty title={t("board.no_waiting")} />;
  const names = new Map(queues.map((queue) => [queue.queue_id, queue.name]));
  return (
    <ol className={classes.waiting} tabIndex={0} aria-label={t("board.waiting")}>
      {waiting.map((row) => (
        <li key={row.contact_id} className={classes.waiter}>
          <span className={`${classes.place} num`}>{row.position}</span>
          <ChannelIcon channel={row.channel} />
          <div className={classes.waiterText}>
            <div className={classes.waiterTop}>
              <span className={classes.agentName}>{row.customer_name || t("customer.unknown")}</span>
              <Pill tone="accent">{t("board.value")} {row.value}</Pill>
              {row.head_start_ms > 0 && <span className={classes.quiet}>{t("customer.head_start", { time: roughSpan(row.head_start_ms) })}</span>}
            </div>
            <div className={classes.waiterWhy}>{names.get(row.queue_id) ?? row.queue_id} · {said(row.why_not_yet)}</div>
          </div>
          <span className={classes.waiterTime}><Timer since={row.enqueued_at_ms} /></span>
        </li>
      ))}
    </ol>
  );
}
