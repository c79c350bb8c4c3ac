/** After the contact: how it ended, a note for the next colleague, and the time that is left. */
import { Button, Select, Textarea } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { clockSpan } from "@/i18n/format";
import { said } from "@/i18n/i18n";
import { draft, wrapUp } from "@/live/actions";
import { useNow } from "@/live/clock";
import { useConsole, useDraft, useIsLive, useMe } from "@/live/store";
import type { ContactView } from "@/wire/protocol.gen";
import classes from "./wrapup.module.css";

const NOTE_CHARACTERS_MAX = 4_000;

export function WrapUpForm({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  const me = useMe();
  const live = useIsLive();
  const written = useDraft(contact.contact_id);
  const busy = useConsole((state) => state.busy.has(`wrap-up:${contact.contact_id}`));
  const [missing, setMissing] = useState(false);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (written.disposition === "") setMissing(true);
    else void wrapUp(contact.contact_id, written.disposition, written.wrapUpNote.trim());
  }

  return (
    <form className={classes.form} onSubmit={submit} data-testid="wrap-up">
      <div className={classes.head}>
        <h2 className={classes.title}>{t("wrap.title")}</h2>
        <Left contact={contact} />
      </div>
      <div className={classes.fields}>
        <Select
          label={t("wrap.disposition")}
          placeholder={t("wrap.choose")}
          withAsterisk
          data={me.dispositions.map((each) => ({ value: each.code, label: said(each.labels) }))}
          value={written.disposition || null}
          error={missing ? t("wrap.required") : null}
          comboboxProps={{ position: "top-start" }}
          allowDeselect={false}
          onChange={(code) => {
            setMissing(false);
            draft(contact.contact_id, { disposition: code ?? "" });
          }}
        />
        <Textarea
          label={t("wrap.note")}
          placeholder={t("wrap.note_placeholder")}
          autosize
          minRows={1}
          maxRows={5}
          maxLength={NOTE_CHARACTERS_MAX}
          value={written.wrapUpNote}
          onChange={(event) => draft(contact.contact_id, { wrapUpNote: event.currentTarget.value })}
        />
        <Button type="submit" className={classes.done} leftSection={<IconCheck size={17} />} disabled={!live} loading={busy}>
          {t("wrap.done")}
        </Button>
      </div>
    </form>
  );
}

function Left({ contact }: { contact: ContactView }) {
  const { t } = useTranslation();
  const now = useNow();
  const until = contact.wrap_up_until_at_ms;
  if (until === null) {
    return <span className={`${classes.left} num`}>{t("wrap.elapsed", { time: clockSpan(now - contact.state_since_at_ms) })}</span>;
  }
  const over = until < now;
  const time = clockSpan(Math.abs(until - now));
  return <span className={`${classes.left} num`} data-over={over} role="timer">{t(over ? "wrap.over" : "wrap.left", { time })}</span>;
}
