/** One message: the customer left, us right, notes yellow, the hub's own lines in the middle. */
import { UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconPaperclip } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { bytes, longDate, timeOfDay } from "@/i18n/format";
import { nameOf } from "@/i18n/names";
import type { AttachmentView, ContactView, MessageView } from "@/wire/protocol.gen";
import classes from "./conversation.module.css";
import { DeliverySign } from "./DeliverySign";
import { HtmlMail } from "./HtmlMail";

export function MessageItem({ message, follows, contact }: { message: MessageView; follows: boolean; contact: ContactView }) {
  if (message.author === "system") return <SystemLine message={message} />;
  return (
    <article className={classes.message} data-author={message.author} data-follows={follows} data-testid="message">
      {!follows && <Byline message={message} contact={contact} />}
      <div className={classes.bubble}>
        {message.channel === "email" && message.subject !== "" && <div className={classes.subject}>{message.subject}</div>}
        <Body message={message} />
        {message.attachments.length > 0 && (
          <ul className={classes.files}>
            {message.attachments.map((each) => <li key={each.attachment_id}><File file={each} /></li>)}
          </ul>
        )}
      </div>
      <DeliverySign delivery={message.delivery} detail={message.delivery_detail} />
    </article>
  );
}

function SystemLine({ message }: { message: MessageView }) {
  return (
    <div className={classes.system}>
      <span>{message.text} · <time title={longDate(message.at_ms)}>{timeOfDay(message.at_ms)}</time></span>
    </div>
  );
}

function Byline({ message, contact }: { message: MessageView; contact: ContactView }) {
  const { t } = useTranslation();
  const name = message.author === "customer" ? customerOf(message, contact) : message.author_name || t("talk.you");
  return (
    <div className={classes.byline}>
      {message.author === "note" && <IconLock size={13} aria-hidden />}
      <span className={classes.author}>{name}</span>
      {message.author === "note" && <span>{t("talk.note")}</span>}
      <time className="num" title={longDate(message.at_ms)}>{timeOfDay(message.at_ms)}</time>
    </div>
  );
}

/** Who wrote it, if that is more than the address that the header already shows in words. */
function customerOf(message: MessageView, contact: ContactView): string {
  return message.author_name === "" || message.author_name === contact.address ? nameOf(contact) : message.author_name;
}

/** A formatted mail is shown formatted, in a frame of its own; its text is one click away. */
function Body({ message }: { message: MessageView }) {
  const { t } = useTranslation();
  const [plain, setPlain] = useState(false);
  if (message.html === "") return <PlainText message={message} />;
  return (
    <>
      {plain ? <div className={classes.text}>{message.text}</div> : <HtmlMail html={message.html} />}
      {message.text !== "" && (
        <UnstyledButton className={classes.asText} onClick={() => setPlain(!plain)}>
          {plain ? t("talk.show_html") : t("talk.show_text")}
        </UnstyledButton>
      )}
    </>
  );
}

/** What is new in a reply; the history that it quotes is one click away. */
function PlainText({ message }: { message: MessageView }) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const quotes = message.new_text !== "" && message.new_text !== message.text;
  return (
    <>
      <div className={classes.text}>{quotes && !whole ? message.new_text : message.text}</div>
      {quotes && (
        <UnstyledButton className={classes.quoted} aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? t("talk.hide_quoted") : t("talk.show_quoted")}
        </UnstyledButton>
      )}
    </>
  );
}

function File({ file }: { file: AttachmentView }) {
  if (file.blocked !== "") {
    return (
      <span className={classes.file} data-blocked title={file.blocked}>
        <IconAlertTriangle size={15} aria-hidden />
        <span className={classes.fileName}>{file.filename}</span>
        <span className={classes.fileSize}>{file.blocked}</span>
      </span>
    );
  }
  return (
    <a className={classes.file} href={file.url} download={file.filename} target="_blank" rel="noreferrer">
      <IconPaperclip size={15} aria-hidden />
      <span className={classes.fileName}>{file.filename}</span>
      <span className={classes.fileSize}>{bytes(file.size_bytes)}</span>
    </a>
  );
}
