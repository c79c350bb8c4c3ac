/** Who is logged in decides what is shown: the log-in page, the console or the supervisor's page. */
import { Button, Loader } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, Route, Switch } from "wouter";
import { LoginPage } from "@/features/login/LoginPage";
import { OfferStack } from "@/features/offers/OfferStack";
import { TitleBadge } from "@/features/offers/TitleBadge";
import { PhoneHost } from "@/features/phone/PhoneHost";
import { usePhone } from "@/features/phone/phone";
import { changeLanguage, chosenLanguage, preferred } from "@/i18n/i18n";
import { startSession } from "@/live/session";
import { useConsole } from "@/live/store";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { Empty } from "@/ui/parts";
import { Toasts } from "@/ui/Toasts";
import { api } from "@/wire/api";
import { ApiError } from "@/wire/http";
import type { Me } from "@/wire/protocol.gen";
import classes from "./app.module.css";
import { ConsolePage } from "./ConsolePage";
import { Header } from "./Header";

const SupervisorPage = lazy(() =>
  import("@/features/supervisor/SupervisorPage").then((module) => ({ default: module.SupervisorPage })),
);

type Start = "asking" | "known" | "unreachable";

export function App() {
  const me = useConsole((state) => state.me);
  const [start, setStart] = useState<Start>("asking");

  useEffect(() => {
    void ask().then(setStart);
  }, []);

  if (me !== null) return <Desk me={me} />;
  if (start === "asking") return <div className={classes.splash}><Loader size="sm" aria-label="Rapport" /></div>;
  if (start === "unreachable") return <Unreachable again={() => { setStart("asking"); void ask().then(setStart); }} />;
  return <LoginPage enter={enter} />;
}

/** Enter with the session that this browser still has, if it has one. */
async function ask(): Promise<Start> {
  try {
    await enter(await api.me());
    return "known";
  } catch (error) {
    return error instanceof ApiError && error.status === 401 ? "known" : "unreachable";
  }
}

/** The language is the one chosen in this browser, else the agent's own. */
async function enter(me: Me): Promise<void> {
  if (chosenLanguage() === null && me.language !== "") await changeLanguage(preferred(me.language));
  startSession(me);
}

function Desk({ me }: { me: Me }) {
  const supervises = me.roles.includes("supervisor") || me.roles.includes("admin");
  const answers = me.roles.includes("agent");
  const { t } = useTranslation();
  const voiceHint = usePhone().state === "ready" ? t("phone.offer_hint") : t("offer.voice_hint");
  return (
    <div className={classes.page}>
      <ErrorBoundary>
        <Header supervises={supervises} answers={answers} />
      </ErrorBoundary>
      <ErrorBoundary>
        <PhoneHost />
      </ErrorBoundary>
      <Switch>
        <Route path="/supervisor">
          {supervises ? (
            <ErrorBoundary>
              <Suspense fallback={<div className={classes.splash}><Loader size="sm" aria-label="Rapport" /></div>}>
                <SupervisorPage />
              </Suspense>
            </ErrorBoundary>
          ) : (
            <Redirect to="/" replace />
          )}
        </Route>
        <Route>{answers ? <ConsolePage /> : <Redirect to="/supervisor" replace />}</Route>
      </Switch>
      <ErrorBoundary>
        <OfferStack voiceHint={voiceHint} />
      </ErrorBoundary>
      <TitleBadge />
      <Toasts />
    </div>
  );
}

function Unreachable({ again }: { again: () => void }) {
  const { t } = useTranslation();
  return (
    <main className={classes.splash} role="alert">
      <Empty
        icon={<IconPlugConnectedX size={22} />}
        title={t("error.start")}
        hint={t("login.offline")}
        action={<Button onClick={again}>{t("action.retry")}</Button>}
      />
    </main>
  );
}
