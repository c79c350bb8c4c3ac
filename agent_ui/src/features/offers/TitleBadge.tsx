/** The tab's title: offers first, then unread messages, so that a hidden tab still calls. */
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useConsole } from "@/live/store";

export function TitleBadge() {
  const { t } = useTranslation();
  const offers = useConsole((state) => state.live.offers.length);
  const unread = useConsole((state) => state.live.contacts.reduce((sum, each) => sum + each.unread, 0));
  useEffect(() => {
    if (offers > 0) document.title = t("offer.title_badge", { count: offers });
    else if (unread > 0) document.title = t("offer.unread_badge", { count: unread });
    else document.title = t("app.name");
  }, [t, offers, unread]);
  useEffect(() => () => void (document.title = "Rapport"), []);
  return null;
}
