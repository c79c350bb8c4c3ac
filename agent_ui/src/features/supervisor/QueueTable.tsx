/** One row per queue. */
import { Tooltip } from "@mantine/core";
import { IconInfinity } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { clockSpan, interval, percent, preciseSpan, roughSpan } from "@/i18n/format";
import { Empty, Pill } from "@/ui/parts";
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
            <th scope="col" className={classes.right} title={t("board.expected_hint")}>{t("board.expected")}</th>
            <th scope="col">{t("board.bound")}</th>
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
      <th scope="row">
        <span className={classes.queueName}>{queue.name}<Reserve reserve={queue.reserve} /></span>
      </th>
      <td className={classes.right} data-strong={queue.waiting > 0}>{queue.waiting}</td>
      <td className={classes.right} data-tone={waitTone(queue)}>{queue.waiting > 0 ? clockSpan(queue.oldest_wait_ms) : "–"}</td>
      <td className={classes.right}><Expected expected={queue.expected} /></td>
      <td><Bound boundMs={queue.bound_ms ?? null} /></td>
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

/** An interval, never one number: nobody knows better. */
function Expected({ expected }: { expected: QueueRow["expected"] }) {
  if (expected === null || expected === undefined) return <span className={classes.quiet}>–</span>;
  return <>{interval(expected.low_ms, expected.high_ms)}</>;
}

/** How far somebody may be overtaken; without a bound low values may starve, which is said in amber and with a sign. */
function Bound({ boundMs }: { boundMs: number | null }) {
  const { t } = useTranslation();
  if (boundMs === null) {
    return (
      <Tooltip label={t("board.bound_none_hint")} multiline w={280}>
        <span className={classes.bound} tabIndex={0} data-tone="warn"><IconInfinity size={14} aria-hidden />{t("board.bound_none")}</span>
      </Tooltip>
    );
  }
  const time = preciseSpan(boundMs);
  return (
    <Tooltip label={boundMs === 0 ? t("board.bound_zero_hint") : t("board.bound_hint", { time })} multiline w={280}>
      <span className={classes.bound} tabIndex={0}>{boundMs === 0 ? t("board.bound_zero") : t("board.bound_at_most", { time })}</span>
    </Tooltip>
  );
}

function Reserve({ reserve }: { reserve: QueueRow["reserve"] }) {
  const { t } = useTranslation();
  if (reserve === undefined || reserve === "none") return null;
  return <Pill tone={reserve === "open" ? "warn" : "plain"}>{t(`board.reserve_${reserve}`)}</Pill>;
}

function percentWidth(share: number): string {
  return `${Math.round(share * 100)}%`;
}
