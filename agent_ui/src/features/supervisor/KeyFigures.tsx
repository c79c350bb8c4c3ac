/** Five figures over all queues, with the state of each said by colour and sign. */
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { clockSpan, percent } from "@/i18n/format";
import type { Board } from "@/wire/protocol.gen";
import { serviceLevel, SL_GOAL, waitTone, type FigureTone } from "./levels";
import classes from "./supervisor.module.css";

export function KeyFigures({ board }: { board: Board }) {
  const { t } = useTranslation();
  const sum = (of: (queue: Board["queues"][number]) => number) => board.queues.reduce((total, each) => total + of(each), 0);
  const worst = board.queues.reduce<Board["queues"][number] | null>(
    (oldest, each) => (each.oldest_wait_ms > (oldest?.oldest_wait_ms ?? 0) ? each : oldest),
    null,
  );
  const level = serviceLevel(board.queues);
  const free = board.agents.filter(({ presence }) => presence.presence === "available" && !presence.wrap_up && !presence.pending).length;
  const staffed = board.agents.filter((each) => each.presence.presence !== "offline").length;
  return (
    <div className={classes.figures}>
      <Figure label={t("board.waiting_now")} value={String(sum((each) => each.waiting))} />
      <Figure
        label={t("board.oldest")}
        value={worst === null ? "–" : clockSpan(worst.oldest_wait_ms)}
        note={worst?.name}
        tone={worst === null ? "plain" : waitTone(worst)}
      />
      <Figure
        label={t("board.service_level")}
        value={level === null ? "–" : percent(level)}
        note={level === null ? t("board.no_data") : t("board.today")}
        tone={level === null || level >= SL_GOAL ? "plain" : "bad"}
      />
      <Figure label={t("board.agents_free")} value={`${free} / ${staffed}`} tone={staffed > 0 && free === 0 ? "warn" : "plain"} />
      <Figure label={t("board.in_progress")} value={String(sum((each) => each.active))} />
      <Figure
        label={`${t("board.answered")} / ${t("board.abandoned")}`}
        value={`${sum((each) => each.answered_today)} / ${sum((each) => each.abandoned_today)}`}
        note={t("board.today")}
      />
    </div>
  );
}

function Figure({ label, value, note, tone = "plain" }: { label: string; value: string; note?: string; tone?: FigureTone }) {
  return (
    <div className={classes.figure} data-tone={tone}>
      <span className={classes.figureLabel}>{label}</span>
      <span className={`${classes.figureValue} num`}>
        {value}
        {tone !== "plain" && <IconAlertTriangle size={16} aria-hidden />}
      </span>
      <span className={classes.figureNote}>{note ?? ""}</span>
    </div>
  );
}
