/** Why somebody still waits: place and expected wait, what would have to change, who could not be asked, how it was routed. */
import { Button, Drawer, Skeleton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { interval } from "@/i18n/format";
import { problemText, said } from "@/i18n/i18n";
import { Decisions } from "@/ui/Decisions";
import { Changes, Exclusions, Facts, Lead } from "@/ui/Explanation";
import { ChannelIcon } from "@/ui/icons";
import { Empty, SectionTitle, Timer } from "@/ui/parts";
import { api } from "@/wire/api";
import { ApiError } from "@/wire/http";
import type { WaitingRow, WaitingWhy } from "@/wire/protocol.gen";
import classes from "./why.module.css";

const AGAIN_MS = 3_000;
/** Drawn as figures or bars already. */
const DRAWN = ["place", "expected", "unfit"];

export function WhyDrawer({ asked, close }: { asked: WaitingRow | null; close: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={asked !== null}
      onClose={close}
      position="right"
      size={440}
      title={<span className={classes.title}>{asked !== null && <><ChannelIcon channel={asked.channel} />{asked.customer_name || t("customer.unknown")}</>}</span>}
      closeButtonProps={{ "aria-label": t("why.close") }}
      overlayProps={{ backgroundOpacity: 0.35 }}
    >
      {asked !== null && <Why key={asked.contact_id} contactId={asked.contact_id} />}
    </Drawer>
  );
}

function Why({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const why = useQuery({
    queryKey: ["why", contactId],
    queryFn: () => api.why(contactId),
    staleTime: 0,
    gcTime: 0,
    retry: (count, error) => !isOver(error) && count < 1,
    refetchInterval: (query) => (query.state.error === null ? AGAIN_MS : false),
  });
  if (why.isError && isOver(why.error)) return <Over contactId={contactId} />;
  if (why.data !== undefined) return <Waits why={why.data} />;
  if (why.isError) {
    return (
      <div role="alert">
        <Empty
          icon={<IconAlertTriangle size={22} />}
          title={t("why.failed")}
          hint={why.error instanceof ApiError ? problemText(why.error) : undefined}
          action={<Button variant="default" onClick={() => void why.refetch()}>{t("action.retry")}</Button>}
        />
      </div>
    );
  }
  return (
    <div className={classes.loading} aria-busy>
      <Skeleton height={40} radius={8} />
      <Skeleton height={58} radius={8} />
      <Skeleton height={120} radius={8} />
    </div>
  );
}

/** The hub says that it does not wait: somebody has it, or it is over. */
function isOver(error: Error | null): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409);
}

function Over({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  return (
    <div data-testid="why-over">
      <p className={classes.headline}>{t("why.over")}</p>
      <p className={classes.quiet}>{t("why.over_hint")}</p>
      <Decisions contactId={contactId} />
    </div>
  );
}

function Waits({ why: waiting }: { why: WaitingWhy }) {
  const { t } = useTranslation();
  const { why, expected } = waiting;
  return (
    <div data-testid="why">
      <p className={classes.queue}>{waiting.queue_name}</p>
      <p className={classes.headline}>{said(why.headline)}</p>
      <dl className={classes.figures}>
        <div>
          <dt>{t("why.position")}</dt>
          <dd className="num">{t("why.position_of", { position: waiting.position, waiting: waiting.waiting })}</dd>
        </div>
        <div>
          <dt>{t("why.waited")}</dt>
          <dd><Timer since={waiting.enqueued_at_ms} /></dd>
        </div>
        <div>
          <dt>{t("why.expected")}</dt>
          <dd className="num">{expected === null ? t("why.not_foreseen") : interval(expected.low_ms, expected.high_ms)}</dd>
        </div>
      </dl>
      <div className={classes.section}><SectionTitle>{t("why.changes")}</SectionTitle></div>
      <Changes changes={why.changes ?? []} />
      <Exclusions excluded={why.excluded ?? []} now />
      {why.lead !== null && why.lead !== undefined && <Lead lead={why.lead} />}
      <Facts facts={why.facts} without={DRAWN} />
    </div>
  );
}
