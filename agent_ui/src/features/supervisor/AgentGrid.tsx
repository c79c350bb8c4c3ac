/** Who is there, in which state and for how long, and what each has in hand. */
import { IconPlugX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/live/store";
import { ChannelIcon } from "@/ui/icons";
import { Avatar, Dot, Empty, Pill, Timer } from "@/ui/parts";
import { labelOf, pendingLabel, toneOf } from "@/ui/presence";
import type { AgentRow, AgentWork } from "@/wire/protocol.gen";
import classes from "./supervisor.module.css";

const ORDER: Record<AgentRow["presence"]["presence"], number> = { rona: 0, available: 1, aux: 2, offline: 3 };

export function AgentGrid({ agents, wanted }: { agents: readonly AgentRow[]; wanted: string }) {
  const { t } = useTranslation();
  const shown = agents
    .filter((each) => matches(each, wanted))
    .toSorted((a, b) => ORDER[a.presence.presence] - ORDER[b.presence.presence] || a.name.localeCompare(b.name));
  if (shown.length === 0) return <Empty title={t("board.no_agents")} />;
  return (
    <ul className={classes.agents} tabIndex={0} aria-label={t("board.agents")}>
      {shown.map((agent) => <Agent key={agent.agent_id} agent={agent} />)}
    </ul>
  );
}

function Agent({ agent }: { agent: AgentRow }) {
  const { t } = useTranslation();
  const { aux_codes } = useMe();
  const { presence } = agent;
  const offline = presence.presence === "offline";
  const pending = pendingLabel(presence, aux_codes);
  return (
    <li className={classes.agent} data-offline={offline}>
      <Avatar name={agent.name} seed={agent.agent_id} size={32} />
      <div className={classes.agentText}>
        <div className={classes.agentTop}>
          <span className={classes.agentName}>{agent.name}</span>
          {!offline && !agent.console_connected && (
            <span className={classes.lost} title={t("board.console_off")}><IconPlugX size={14} aria-label={t("board.console_off")} /></span>
          )}
        </div>
        <div className={classes.agentState}>
          <Dot tone={toneOf(presence)} />
          <span>{labelOf(presence, aux_codes)}</span>
          {pending !== "" && <span className={classes.pending}>{t("presence.pending", { state: pending })}</span>}
          <span className={classes.quiet}><Timer since={presence.since_at_ms} /></span>
          {!offline && <span className={`${classes.quiet} num`}>{presence.load_units}/{presence.capacity_units}</span>}
        </div>
      </div>
      <div className={classes.agentWork}>
        {agent.contacts.map((work) => <Work key={work.contact_id} work={work} />)}
        {agent.contacts.length === 0 && agent.skills.slice(0, 4).map((skill) => <Pill key={skill}>{skill}</Pill>)}
      </div>
    </li>
  );
}

function Work({ work }: { work: AgentWork }) {
  const { t } = useTranslation();
  return (
    <span className={classes.work} title={t(`state.${work.state}`)}>
      <ChannelIcon channel={work.channel} size={14} />
      <span className={classes.workName}>{work.customer_name || t("customer.unknown")}</span>
      {work.state !== "active" && <span className={classes.quiet}>{t(`state.${work.state}`)}</span>}
      <span className={classes.quiet}><Timer since={work.since_at_ms} /></span>
    </span>
  );
}

function matches(agent: AgentRow, wanted: string): boolean {
  const words = wanted.trim().toLowerCase();
  return words === "" || [agent.name, ...agent.skills].some((each) => each.toLowerCase().includes(words));
}
