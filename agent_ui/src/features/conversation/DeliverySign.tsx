/** What became of a message that we sent; a failure and an unknown outcome are said in words. */
import { IconAlertCircle, IconCheck, IconChecks, IconClock, IconHelpCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { MessageView } from "@/wire/protocol.gen";
import classes from "./conversation.module.css";

export function DeliverySign({ delivery, detail }: { delivery: MessageView["delivery"]; detail: string }) {
  const { t } = useTranslation();
  if (delivery === "") return null;
  return (
    <div className={classes.delivery} data-state={delivery} title={detail} data-testid="delivery">
      <Sign delivery={delivery} />
      {t(`delivery.${delivery}`)}
      {(delivery === "failed" || delivery === "undelivered") && detail !== "" && <span>: {detail}</span>}
    </div>
  );
}

function Sign({ delivery }: { delivery: Exclude<MessageView["delivery"], ""> }) {
  switch (delivery) {
    case "queued":
    case "sending":
      return <IconClock size={13} aria-hidden />;
    case "sent":
      return <IconCheck size={14} aria-hidden />;
    case "delivered":
      return <IconChecks size={14} aria-hidden />;
    case "undelivered":
    case "failed":
      return <IconAlertCircle size={14} aria-hidden />;
    case "unknown":
      return <IconHelpCircle size={14} aria-hidden />;
  }
}
