/** The agent's status: what it is, for how long, and the way to another one. */
import { Menu, Skeleton, UnstyledButton } from "@mantine/core";
import { IconArrowRight, IconCheck, IconChevronDown, IconLogout, IconPhone, IconPhoneOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { said } from "@/i18n/i18n";
import { logOut, setPresence } from "@/live/actions";
import { unlockSound } from "@/live/sound";
import { useConsole, useIsLive, useMe } from "@/live/store";
import { Avatar, Dot, Timer } from "@/ui/parts";
import type { PresenceView } from "@/wire/protocol.gen";
import { labelOf, pendingLabel, toneOf } from "@/ui/presence";
import classes from "./presence.module.css";

/** Who is logged in; for agents also their status. */
export function PresenceMenu({ answers }: { answers: boolean }) {
  return answers ? <StatusMenu /> : <AccountMenu />;
}

function AccountMenu() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <UnstyledButton className={classes.button} data-testid="presence">
          <Avatar name={me.name} seed={me.agent_id} size={26} />
          <span className={classes.label}>{me.name}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void logOut()}>{t("presence.sign_out")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function StatusMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const presence = useConsole((state) => state.live.presence);
  const live = useIsLive();
  const [later, setLater] = useState(false);
  if (presence === null) return <Skeleton width={150} height={34} radius={10} />;
  const next = pendingLabel(presence, me.aux_codes);
  const atWork = presence.load_units > 0 || presence.wrap_up;
  return (
    <Menu position="bottom-end" width={268} withinPortal onClose={() => setLater(false)}>
      <Menu.Target>
        <UnstyledButton className={classes.button} data-presence={presence.presence} data-testid="presence">
          <Avatar name={me.name} seed={me.agent_id} size={26} />
          <Dot tone={toneOf(presence)} />
          <span className="visually-hidden">{t("presence.menu")}: </span>
          <span className={classes.label}>{labelOf(presence, me.aux_codes)}</span>
          {next !== "" && (
            <span className={classes.next} title={t("presence.pending_hint")} data-testid="pending">
              <IconArrowRight size={13} aria-hidden />
              {t("presence.pending", { state: next })}
            </span>
          )}
          <span className={classes.time}><Timer since={presence.since_at_ms} /></span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Who presence={presence} next={next} />
        <Menu.Divider />
        {atWork && <AfterWork on={later} set={setLater} live={live} />}
        <Choice presence="available" code="" now={presence} live={live} label={t("presence.available")} hint={t("presence.available_hint")} />
        <Menu.Label>{t("presence.away")}</Menu.Label>
        {me.aux_codes.map((aux) => (
          <Choice key={aux.code} presence="aux" code={aux.code} now={presence} live={live} later={later && atWork} label={said(aux.labels)} />
        ))}
        <Menu.Divider />
        <Choice presence="offline" code="" now={presence} live={live} later={later && atWork} label={t("presence.offline")} hint={t("presence.offline_hint")} />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void logOut()}>{t("presence.sign_out")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Whether the next choice waits for the work in hand; being available again needs no waiting. */
function AfterWork({ on, set, live }: { on: boolean; set: (on: boolean) => void; live: boolean }) {
  const { t } = useTranslation();
  return (
    <Menu.CheckboxItem checked={on} onChange={set} closeMenuOnClick={false} disabled={!live} data-testid="after-work">
      {t("presence.after_work")}
      <span className={classes.hint}>{t("presence.after_work_hint")}</span>
    </Menu.CheckboxItem>
  );
}

function Who({ presence, next }: { presence: PresenceView; next: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const load = t("presence.load", { used: presence.load_units, all: presence.capacity_units });
  return (
    <div className={classes.who}>
      <div className={classes.whoName}>{me.name}</div>
      <div className={classes.whoLine}>{load}</div>
      {next !== "" && <div className={classes.whoLine}>{t("presence.pending_line", { state: next })}</div>}
      {me.phone_endpoint !== "" && (
        <div className={classes.whoLine}>
          {presence.phone_reachable ? <IconPhone size={13} aria-hidden /> : <IconPhoneOff size={13} aria-hidden />}
          {presence.phone_reachable ? t("presence.phone_ready") : t("presence.phone_missing")}
        </div>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly presence: "available" | "aux" | "offline";
  readonly code: string;
  readonly now: PresenceView;
  readonly live: boolean;
  /** Not before the work in hand is done. */
  readonly later?: boolean;
  readonly label: string;
  readonly hint?: string;
}

function Choice({ presence, code, now, live, later = false, label, hint }: ChoiceProps) {
  const chosen = now.presence === presence && now.code === code;
  const next = now.pending === presence && (now.pending_code ?? "") === code;
  const tone = presence === "available" ? "ok" : presence === "aux" ? "warn" : "off";
  return (
    <Menu.Item
      leftSection={<Dot tone={tone} />}
      rightSection={chosen ? <IconCheck size={15} /> : next ? <IconArrowRight size={15} /> : null}
      disabled={!live}
      onClick={() => {
        if (presence === "available") unlockSound();
        void setPresence({ presence, code, after_work: later });
      }}
    >
      {label}
      {hint !== undefined && <span className={classes.hint}>{hint}</span>}
    </Menu.Item>
  );
}
