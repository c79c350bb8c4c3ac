/** Mail that could not be read safely: kept as it came, shown with the reason. */
import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { bytes, longDate } from "@/i18n/format";
import { Empty } from "@/ui/parts";
import { api } from "@/wire/api";
import classes from "./supervisor.module.css";

/** `known`: how many the board counts; another count loads the list again. */
export function QuarantineList({ known }: { known: number }) {
  const { t } = useTranslation();
  const list = useQuery({ queryKey: ["quarantine", known], queryFn: api.quarantine });
  if (list.isPending) return <div className={classes.pad}><Skeleton height={36} /></div>;
  if (list.isError) {
    return (
      <Empty
        title={t("error.unreachable")}
        action={<Button variant="default" onClick={() => void list.refetch()}>{t("action.retry")}</Button>}
      />
    );
  }
  if (list.data.items.length === 0) return <p className={classes.nothing}>{t("board.no_quarantine")}</p>;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("board.quarantine")}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("board.received")}</th>
            <th scope="col">{t("board.account")}</th>
            <th scope="col">{t("board.reason")}</th>
            <th scope="col" className={classes.right}>{t("board.size")}</th>
            <th scope="col"><span className="visually-hidden">{t("board.raw")}</span></th>
          </tr>
        </thead>
        <tbody>
          {list.data.items.map((mail) => (
            <tr key={`${mail.account}:${mail.provider_id}`}>
              <td>{longDate(mail.received_at_ms)}</td>
              <td>{mail.account}</td>
              <td className={classes.wrap}>{mail.reason}</td>
              <td className={classes.right}>{bytes(mail.size_bytes)}</td>
              <td className={classes.right}><a href={api.quarantinedMail(mail)} download>{t("board.raw")}</a></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
