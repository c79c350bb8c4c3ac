/** The agent's screen: work on the left, the conversation in the middle, the customer on the right; tabs when narrow. */
import { IconInbox, IconMessages, IconUserCircle } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallBar } from "@/features/call/CallBar";
import { ConversationPane } from "@/features/conversation/ConversationPane";
import { CustomerPanel } from "@/features/customer/CustomerPanel";
import { PhoneControls } from "@/features/phone/PhoneControls";
import { RonaBanner } from "@/features/presence/RonaBanner";
import { WorkList } from "@/features/worklist/WorkList";
import { WrapUpForm } from "@/features/wrapup/WrapUpForm";
import { selectedContact, useConsole } from "@/live/store";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import classes from "./app.module.css";

type Pane = "work" | "talk" | "customer";

export function ConsolePage() {
  const contact = useConsole(selectedContact);
  // Who asks is shown beside the offer already, unless the agent is busy with somebody else.
  const offered = useConsole((state) => state.live.offers[0]?.offer.contact ?? null);
  const known = contact ?? offered;
  const contactId = contact?.contact_id ?? "";
  // The choice of a pane holds for one contact: another one opens with its conversation.
  const [choice, setChoice] = useState<{ contactId: string; pane: Pane }>({ contactId: "", pane: "work" });
  const pane = choice.contactId === contactId ? choice.pane : contactId === "" ? "work" : "talk";
  const setPane = (next: Pane) => setChoice({ contactId, pane: next });
  const talk = useFocusWhenLost(contactId, contact?.state ?? "");

  const on = (each: Pane) => ({ "data-on": pane === each });
  return (
    <>
      <RonaBanner />
      <CallBar controls={(contactId) => <PhoneControls contactId={contactId} />} />
      <div className={classes.panes}>
        <section className={`${classes.pane} ${classes.list}`} {...on("work")}>
          <ErrorBoundary>
            <WorkList chosen={(id) => setChoice({ contactId: id, pane: "talk" })} />
          </ErrorBoundary>
        </section>
        <main ref={talk} tabIndex={-1} className={classes.pane} {...on("talk")}>
          <ErrorBoundary resetKey={contactId}>
            <ConversationPane
              contact={contact}
              footer={contact?.state === "wrap_up" ? <WrapUpForm key={contactId} contact={contact} /> : undefined}
            />
          </ErrorBoundary>
        </main>
        <aside className={`${classes.pane} ${classes.detail}`} {...on("customer")}>
          <ErrorBoundary resetKey={known?.contact_id ?? ""}>
            <CustomerPanel contact={known} />
          </ErrorBoundary>
        </aside>
      </div>
      <PaneTabs pane={pane} choose={setPane} some={contact !== null} />
    </>
  );
}

/**
 * Take the focus when the contact, or its state, went away with the element that had it: to the pane's first field
 * (how did it end, or the next contact's reply), else to the pane. Without it the keys would start at the page's top.
 */
function useFocusWhenLost(contactId: string, state: string) {
  const pane = useRef<HTMLElement>(null);
  const before = useRef("");
  useEffect(() => {
    const hadContact = before.current !== "";
    before.current = contactId;
    if (!hadContact || document.activeElement !== document.body) return;
    const field = pane.current?.querySelector<HTMLElement>("input, textarea:not([aria-hidden])");
    (field ?? pane.current)?.focus({ preventScroll: true });
  }, [contactId, state]);
  return pane;
}

function PaneTabs({ pane, choose, some }: { pane: Pane; choose: (pane: Pane) => void; some: boolean }) {
  const { t } = useTranslation();
  const tabs = [
    { pane: "work", label: t("work.title"), icon: <IconInbox size={20} aria-hidden /> },
    { pane: "talk", label: t("talk.log"), icon: <IconMessages size={20} aria-hidden /> },
    { pane: "customer", label: t("customer.title"), icon: <IconUserCircle size={20} aria-hidden /> },
  ] as const;
  return (
    <div className={classes.tabs} role="tablist">
      {tabs.map((tab) => (
        <button
          key={tab.pane}
          type="button"
          role="tab"
          className={classes.tab}
          aria-selected={pane === tab.pane}
          disabled={tab.pane !== "work" && !some}
          onClick={() => choose(tab.pane)}
        >
          {tab.icon}
          {tab.label}
        </button>
      ))}
    </div>
  );
}
