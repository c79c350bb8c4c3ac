/** The live board: queues, agents, who waits and why, and mail that could not be read. */
import { Loader, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { clockSpan } from "@/i18n/format";
import { useNow } from "@/live/clock";
import { watchBoard } from "@/live/session";
import { useConsole, useIsLive } from "@/live/store";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { Dot } from "@/ui/parts";
import type { Board, WaitingRow } from "@/wire/protocol.gen";
import { AgentGrid } from "./AgentGrid";
import { KeyFigures } from "./KeyFigures";
import { QuarantineList } from "./QuarantineList";
import { QueueTable } from "./QueueTable";
import classes from "./supervisor.module.css";
import { WaitingTable } from "./WaitingTable";
import { WhyDrawer } from "./WhyDrawer";

const STALE_AFTER_MS = 4_000;

export function SupervisorPage() {
  const { t } = useTranslation();
  const current = useConsole((state) => state.board);
  useEffect(() => {
    watchBoard(true);
    return () => watchBoard(false);
  }, []);
  return (
    <main className={classes.page} data-testid="board">
      <div className={classes.head}>
        <h1 className={classes.title}>{t("board.title")}</h1>
        {current !== null && <Age cameAt={current.came_at_ms} />}
      </div>
      {current === null ? (
        <div className={classes.first} role="status"><Loader size="sm" />{t("board.waiting_for_data")}</div>
      ) : (
        <Panels board={current.board} />
      )}
    </main>
  );
}

function Panels({ board }: { board: Board }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState("");
  const [asked, setAsked] = useState<WaitingRow | null>(null);
  return (
    <>
      <KeyFigures board={board} />
      <Panel title={t("board.queues")}><QueueTable queues={board.queues} /></Panel>
      <div className={classes.columns}>
        <Panel
          title={t("board.agents")}
          count={board.agents.length}
          tool={
            <TextInput
              size="xs"
              placeholder={t("board.search")}
              aria-label={t("board.search")}
              leftSection={<IconSearch size={14} />}
              value={wanted}
              onChange={(event) => setWanted(event.currentTarget.value)}
            />
          }
        >
          <AgentGrid agents={board.agents} wanted={wanted} />
        </Panel>
        <Panel title={t("board.waiting")} count={board.waiting.length}>
          <WaitingTable waiting={board.waiting} queues={board.queues} ask={setAsked} />
        </Panel>
      </div>
      <Panel title={t("board.quarantine")} count={board.quarantined}><QuarantineList known={board.quarantined} /></Panel>
      <WhyDrawer asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function Panel({ title, count, tool, children }: { title: string; count?: number; tool?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.panel}>
      <div className={classes.panelHead}>
        <h2 className={classes.panelTitle}>{title}</h2>
        {count !== undefined && <span className={`${classes.count} num`}>{count}</span>}
        <span className={classes.gap} />
        {tool}
      </div>
      <ErrorBoundary>{children}</ErrorBoundary>
    </section>
  );
}

/** How old what you see is: never silently old. */
/** The hub sends the board when it changes: over a live link an old one is still true. */
function Age({ cameAt }: { cameAt: number }) {
  const { t } = useTranslation();
  const live = useIsLive();
  const ageMs = useNow() - cameAt;
  const stale = !live && ageMs > STALE_AFTER_MS;
  return (
    <span className={classes.age} data-stale={stale} role="status">
      <Dot tone={stale ? "bad" : "ok"} />
      {stale ? t("board.age", { time: clockSpan(ageMs) }) : t("board.fresh")}
    </span>
  );
}
