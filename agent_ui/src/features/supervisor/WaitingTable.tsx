/** Who waits, in the order in which they would be served, and why not yet; each opens the whole explanation. */
import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { interval, preciseSpan } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import { ChannelIcon } from "@/ui/icons";
import { Empty, Pill, Timer } from "@/ui/parts";
import type { QueueRow, WaitingRow } from "@/wire/protocol.gen";
import classes from "./supervisor.module.css";

interface Props {
  readonly waiting: readonly WaitingRow[];
  readonly queues: readonly QueueRow[];
  /** Somebody asks why this one still waits. */
  readonly ask: (row: WaitingRow) => void;
}

export function WaitingTable({ waiting, queues, ask }: Props) {
  const { t } = useTranslation();
  if (waiting.length === 0) return <Empty title={t("board.no_waiting")} />;
  const names = new Map(queues.map((queue) => [queue.queue_id, queue.name]));
  return (
    <ol className={classes.waiting} aria-label={t("board.waiting")}>
      {waiting.map((row) => (
        <li key={row.contact_id} className={classes.waiter}>
          <Row row={row} queue={names.get(row.queue_id) ?? row.queue_id} ask={() => ask(row)} />
        </li>
      ))}
    </ol>
  );
}

function Row({ row, queue, ask }: { row: WaitingRow; queue: string; ask: () => void }) {
  const { t } = useTranslation();
  const lead = row.lead_ms ?? 0;
  return (
    <UnstyledButton className={classes.waiterButton} aria-haspopup="dialog" onClick={ask} data-testid="waiting">
      <span className={`${classes.place} num`}>{row.position}</span>
      <ChannelIcon channel={row.channel} />
      <span className={classes.waiterText}>
        <span className={classes.waiterTop}>
          <span className={classes.agentName}>{row.customer_name || t("customer.unknown")}</span>
          <Pill tone="accent">{t("board.value")} {row.value}</Pill>
          {row.state === "callback" && <Pill>{t("state.callback")}</Pill>}
          {lead !== 0 && <span className={classes.quiet}>{t("board.lead", { time: preciseSpan(lead) })}</span>}
          {row.expected !== null && row.expected !== undefined && (
            <span className={classes.quiet}>{t("board.expects", { time: interval(row.expected.low_ms, row.expected.high_ms) })}</span>
          )}
        </span>
        <span className={classes.waiterWhy}>{queue} · {said(row.why_not_yet)}</span>
      </span>
      <span className={classes.waiterTime}><Timer since={row.enqueued_at_ms} /></span>
      <IconChevronRight size={16} aria-hidden />
    </UnstyledButton>
  );
}
