/**
 * A mail's HTML, already made safe by the hub, in a frame that may do nothing: no scripts, no forms, no loading.
 *
 * `allow-same-origin` lets this page measure the frame; without `allow-scripts` nothing inside can use it.
 */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./conversation.module.css";

const HEIGHT_MAX_PX = 1_200;

const HEAD = `<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'">
<base target="_blank"><style>
body{margin:0;display:flow-root;font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"PingFang SC","Noto Sans CJK SC",sans-serif;color:#171a21;background:#fff;overflow-wrap:anywhere}
img{max-width:100%;height:auto}table{max-width:100%}blockquote{margin:8px 0;padding-left:12px;border-left:3px solid #d5d9e2;color:#454c5c}pre{white-space:pre-wrap}
</style>`;

export function HtmlMail({ html }: { html: string }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(60);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    let watch: ResizeObserver | undefined;
    function loaded() {
      const body = element?.contentDocument?.body;
      if (body === undefined) return;
      watch = new ResizeObserver(() => setHeight(Math.min(HEIGHT_MAX_PX, Math.ceil(body.getBoundingClientRect().height) + 1)));
      watch.observe(body);
    }
    element.addEventListener("load", loaded);
    return () => {
      element.removeEventListener("load", loaded);
      watch?.disconnect();
    };
  }, [html]);

  return (
    <iframe
      ref={frame}
      className={classes.mail}
      title={t("talk.html_title")}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      srcDoc={HEAD + html}
      style={{ height }}
    />
  );
}
