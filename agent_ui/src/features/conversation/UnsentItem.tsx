/** A message that is ours alone so far: on its way, waiting for the connection, or refused. */
import { UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { discard, sendAgain } from "@/live/outgoing";
import { useIsLive } from "@/live/store";
import type { UnsentMessage } from "@/state/unsent";
import classes from "./conversation.module.css";

export function UnsentItem({ message }: { message: UnsentMessage }) {
  const { t } = useTranslation();
  const live = useIsLive();
  const refused = message.state === "refused";
  return (
    <article className={classes.message} data-author={message.note ? "note" : "agent"} data-unsent data-testid="unsent">
      <div className={classes.bubble}><div className={classes.text}>{message.text}</div></div>
      <div className={classes.delivery} data-state={refused ? "failed" : "queued"}>
        {refused ? <IconAlertCircle size={14} aria-hidden /> : <IconClock size={13} aria-hidden />}
        {refused ? `${t("delivery.refused")}: ${message.error}` : live ? t("delivery.sending") : t("delivery.waiting")}
        {refused && (
          <>
            <UnstyledButton className={classes.inline} disabled={!live} onClick={() => sendAgain(message.client_id)}>{t("delivery.again")}</UnstyledButton>
            <UnstyledButton className={classes.inline} onClick={() => discard(message.client_id)}>{t("delivery.discard")}</UnstyledButton>
          </>
        )}
      </div>
    </article>
  );
}
