/** The shop's page; the widget itself stands at the corner of the window. */
import type { Company } from "./api";
import { ChatIcon } from "./icons";
import type { Words } from "./words";

export function ChatCard({ company, words }: { company: Company; words: Words }) {
  if (!company.chat) return <p class="notice">{words.chat_none}</p>;
  const open = (): void => {
    document.querySelector("rapport-chat")?.shadowRoot?.querySelector<HTMLButtonElement>(".launcher[aria-expanded=false]")?.click();
  };
  return (
    <div class="browser">
      <div class="chrome" aria-hidden="true">
        <i />
        <i />
        <i />
        <span>shop.example</span>
      </div>
      <div class="shop">
        <div class="hero">
          <h2>{company.company}</h2>
          <p>{words.shop_1}</p>
          <p>{words.shop_2}</p>
        </div>
        <div class="shelf" aria-hidden="true">
          <i style={{ "--hue": "345" }} />
          <i style={{ "--hue": "32" }} />
          <i style={{ "--hue": "152" }} />
        </div>
        <div class="help">
          <div>
            <strong>{words.shop_help}</strong>
            <p>{words.chat_lead}</p>
          </div>
          <button type="button" class="button primary" onClick={open}>
            <ChatIcon /> {words.chat_open}
          </button>
        </div>
      </div>
    </div>
  );
}
