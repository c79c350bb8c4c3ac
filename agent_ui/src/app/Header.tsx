/** The bar over every page: where you are, the link to the hub, settings, your status. */
import { IconChartBar, IconCloudOff, IconMessages, IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { PhoneSign } from "@/features/phone/PhoneSign";
import { LinkSign } from "@/features/presence/LinkSign";
import { PresenceMenu } from "@/features/presence/PresenceMenu";
import { Settings } from "@/features/settings/Settings";
import { useConsole } from "@/live/store";
import classes from "./app.module.css";

export function Header({ supervises, answers }: { supervises: boolean; answers: boolean }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  const atBoard = path.startsWith("/supervisor");
  return (
    <>
      <header className={classes.header}>
        <Link href="/" className={classes.brand} aria-label={t("app.name")}>
          <img src="/favicon.svg" alt="" />
          <span className={classes.brandName}>{t("app.name")}</span>
        </Link>
        {supervises && (
          <nav className={classes.nav}>
            {answers && (
              <Link href="/" className={classes.navLink} data-on={!atBoard} aria-label={t("app.console")}>
                <IconMessages size={17} aria-hidden />
                <span className={classes.navText}>{t("app.console")}</span>
              </Link>
            )}
            <Link href="/supervisor" className={classes.navLink} data-on={atBoard} aria-label={t("app.board")}>
              <IconChartBar size={17} aria-hidden />
              <span className={classes.navText}>{t("app.board")}</span>
            </Link>
          </nav>
        )}
        <span className={classes.gap} />
        <div className={classes.right}>
          <LinkSign />
          <PhoneSign />
          <Settings />
          <PresenceMenu answers={answers} />
        </div>
      </header>
      <LinkBanner />
    </>
  );
}

function LinkBanner() {
  const { t } = useTranslation();
  const link = useConsole((state) => state.link);
  const everLive = useConsole((state) => state.everLive);
  const lost = everLive && link !== "live";
  return (
    <div role="status" aria-live="polite">
      {lost && link === "syncing" && (
        <div className={classes.banner}>
          <IconRefresh size={16} aria-hidden />
          {t("link.banner_syncing")}
        </div>
      )}
      {lost && link !== "syncing" && (
        <div className={classes.banner} data-tone="bad">
          <IconCloudOff size={16} aria-hidden />
          {t("link.banner")}
        </div>
      )}
    </div>
  );
}
