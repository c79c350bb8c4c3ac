/** Log in: name and password; wrong, too often, and unreachable each have their own words. */
import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { IconAlertCircle, IconClock, IconHistory, IconPlugConnectedX, IconRoute, IconUserSearch } from "@tabler/icons-react";
import { type SubmitEvent, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { problemText } from "@/i18n/i18n";
import { LanguageSwitch, ThemeSwitch } from "@/ui/Switches";
import { api } from "@/wire/api";
import { ApiError } from "@/wire/http";
import type { Me } from "@/wire/protocol.gen";
import classes from "./login.module.css";

type Trouble =
  | { readonly kind: "missing" | "wrong" | "offline" }
  | { readonly kind: "limited"; readonly until: number }
  | { readonly kind: "other"; readonly text: string };

const LIMITED_DEFAULT_S = 30;

export function LoginPage({ enter }: { enter: (me: Me) => Promise<void> }) {
  const { t } = useTranslation();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (username.trim() === "" || password === "") {
      setTrouble({ kind: "missing" });
      return;
    }
    setBusy(true);
    setTrouble(null);
    try {
      await enter(await api.login({ username: username.trim(), password }));
    } catch (error) {
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  }

  return (
    <div className={classes.page}>
      <section className={classes.story} aria-hidden>
        <div className={classes.storyBrand}><img src="/favicon.svg" alt="" />{t("app.name")}</div>
        <div>
          <p className={classes.pitch}>{t("login.pitch")}</p>
          <ul className={classes.points}>
            <li><IconUserSearch size={18} />{t("login.pitch_who")}</li>
            <li><IconHistory size={18} />{t("login.pitch_all")}</li>
            <li><IconRoute size={18} />{t("login.pitch_why")}</li>
          </ul>
        </div>
        <span className={classes.tagline}>{t("app.tagline")}</span>
      </section>
      <main className={classes.side}>
        <div className={classes.switches}>
          <LanguageSwitch />
          <ThemeSwitch label={t("settings.theme")} />
        </div>
        <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
          <img className={classes.mark} src="/favicon.svg" alt="" />
          <h1 className={classes.title}>{t("login.title")}</h1>
          {trouble !== null && <TroubleAlert trouble={trouble} over={() => setTrouble(null)} />}
          <TextInput
            label={t("login.username")}
            size="md"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label={t("login.password")}
            size="md"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" size="md" loading={busy} disabled={trouble?.kind === "limited"} fullWidth mt={4}>
            {t("login.submit")}
          </Button>
        </form>
      </main>
    </div>
  );
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 401) return { kind: "wrong" };
  if (error.status === 429) return { kind: "limited", until: Date.now() + (error.retryAfterSeconds || LIMITED_DEFAULT_S) * 1_000 };
  if (error.mayRepeat) return { kind: "offline" };
  return { kind: "other", text: problemText(error) };
}

function TroubleAlert({ trouble, over }: { trouble: Trouble; over: () => void }) {
  const { t } = useTranslation();
  switch (trouble.kind) {
    case "missing":
    case "wrong":
      return <Words icon={<IconAlertCircle size={18} />}>{t(`login.${trouble.kind}`)}</Words>;
    case "offline":
      return <Words icon={<IconPlugConnectedX size={18} />}>{t("login.offline")}</Words>;
    case "limited":
      return <Limited until={trouble.until} over={over} />;
    case "other":
      return <Words icon={<IconAlertCircle size={18} />}>{trouble.text}</Words>;
  }
}

function Limited({ until, over }: { until: number; over: () => void }) {
  const { t } = useTranslation();
  const [left, setLeft] = useState(() => secondsTo(until));
  useEffect(() => {
    const timer = setInterval(() => {
      setLeft(secondsTo(until));
      if (secondsTo(until) <= 0) over();
    }, 500);
    return () => clearInterval(timer);
  }, [until, over]);
  return <Words icon={<IconClock size={18} />}>{t("login.limited", { count: Math.max(1, left) })}</Words>;
}

function secondsTo(instant: number): number {
  return Math.ceil((instant - Date.now()) / 1_000);
}

function Words({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <Alert className={classes.trouble} role="alert" icon={icon} variant="default">
      {children}
    </Alert>
  );
}
