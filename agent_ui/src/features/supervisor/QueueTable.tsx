/** One row per queue. */
import { useTranslation } from "react-i18next";
import { clockSpan, percent, roughSpan } from "@/i18n/format";
import { Empty } from "@/ui/parts";
import type { QueueRow } from "@/wire/protocol.gen";
import { SL_GOAL, waitTone } from "./levels";
import classes from "./supervisor.module.css";

export function QueueTable({ queues }: { queues: readonly QueueRow[] }) {
  const { t } = useTranslation();
  if (queues.length === 0) return <Empty title={t("board.no_queues")} />;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("board.queues")}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("board.queue")}</th>
            <th scope="col" className={classes.right}>{t("board.waiting_now")}</th>
            <th scope="col" className={classes.right}>{t("board.oldest")}</th>
            <th scope="col">{t("board.service_level")}</th>
            <th scope="col" className={classes.right}>{t("board.agents_free")}</th>
            <th scope="col" className={classes.right}>{t("board.in_progress")}</th>
            <th scope="col" className={classes.right}>{t("board.answered")}</th>
            <th scope="col" className={classes.right}>{t("board.abandoned")}</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => <Row key={queue.queue_id} queue={queue} />)}
        </tbody>
      </table>
    </div>
  );
}

function Row({ queue }: { queue: QueueRow }) {
  const { t } = useTranslation();
  return (
    <tr>
      <th scope="row">{queue.name}</th>
      <td className={classes.right} data-strong={queue.waiting > 0}>{queue.waiting}</td>
      <td className={classes.right} data-tone={waitTone(queue)}>{queue.waiting > 0 ? clockSpan(queue.oldest_wait_ms) : "–"}</td>
      <td>
        {queue.service_level === null ? (
          <span className={classes.quiet}>{t("board.no_data")}</span>
        ) : (
          <span className={classes.level}>
            <span className={classes.levelTrack} aria-hidden>
              <span className={classes.levelFill} data-bad={queue.service_level < SL_GOAL} style={{ width: percentWidth(queue.service_level) }} />
            </span>
            <span data-tone={queue.service_level < SL_GOAL ? "bad" : "plain"}>{percent(queue.service_level)}</span>
            <span className={classes.quiet}>{t("board.within", { time: roughSpan(queue.sl_target_ms) })}</span>
          </span>
        )}
      </td>
      <td className={classes.right} data-tone={queue.waiting > 0 && queue.agents_available === 0 ? "warn" : "plain"}>
        {queue.agents_available} / {queue.agents_staffed}
      </td>
      <td className={classes.right}>{queue.active}</td>
      <td className={classes.right}>{queue.answered_today}</td>
      <td className={classes.right}>{queue.abandoned_today}</td>
    </tr>
  );
}

function percentWidth(share: number): string {
  return `${Math.round(share * 100)}%`;
}
