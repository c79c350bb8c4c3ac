/** Sentences from the hub and refused commands, bottom right; information goes by itself, errors stay until dismissed. */
import { CloseButton } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { said } from "@/i18n/i18n";
import { dismissNotice } from "@/live/actions";
import { useConsole } from "@/live/store";
import type { LiveNotice } from "@/state/live";
import classes from "./parts.module.css";

const INFO_SHOWN_MS = 6_000;

export function Toasts() {
  const notices = useConsole((state) => state.live.notices);
  return (
    <div className={classes.toasts} role="status" aria-live="polite">
      {notices.map((notice) => <Toast key={notice.id} notice={notice} />)}
    </div>
  );
}

function Toast({ notice }: { notice: LiveNotice }) {
  const { t } = useTranslation();
  useEffect(() => {
    if (notice.level !== "info") return;
    const timer = setTimeout(() => dismissNotice(notice.id), INFO_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div className={classes.toast} data-level={notice.level}>
      <span className={classes.toastText}>{said(notice.text)}</span>
      <CloseButton size="sm" aria-label={t("action.dismiss")} onClick={() => dismissNotice(notice.id)} />
    </div>
  );
}
