import { describe, expect, it } from "vitest";
import { decode, eventFrame, joinFrame } from "./frames";

const CHAT = "/chat/web2";

describe("decode", () => {
  it.each([
    ['0{"sid":"x","upgrades":[],"pingInterval":10000,"pingTimeout":8000}', { kind: "open", silenceMaxMs: 18_000 }],
    ["2", { kind: "ping" }],
    ["1", { kind: "left" }],
    ['40/chat/web2,{"sid":"y"}', { kind: "joined" }],
    ["41/chat/web2,", { kind: "left" }],
    ['42/chat/web2,["wake",{"last_seq":1}]', { kind: "event", name: "wake", body: { last_seq: 1 } }],
    ['43/chat/web2,17[{"ok":true}]', { kind: "answer", id: 17, body: { ok: true } }],
    ["43/chat/web2,18[]", { kind: "answer", id: 18, body: undefined }],
    [
      '44/chat/web2,{"message":"No.","data":{"code":"token_expired","retry_after_ms":5}}',
      { kind: "refused", code: "token_expired", detail: "No.", retryAfterMs: 5 },
    ],
    ["44/chat/web2,", { kind: "refused", code: "refused", detail: "", retryAfterMs: 0 }],
  ])("understands %s", (text, frame) => {
    expect(decode(text, CHAT)).toEqual(frame);
  });

  it.each(["", "9", "4", "0{", "42/chat/web,[1]", '42["wake",{}]', "42/chat/web2,{}", "42/chat/web2,[7]", "43/chat/web2,1{", "45/chat/web2,1-[]", null, 7])(
    "ignores %s",
    (text) => {
      expect(decode(text, CHAT)).toEqual({ kind: "foreign" });
    },
  );

  it("reads what a text of many lines says", () => {
    expect(decode('42/chat/web2,["typing",{"agent_name":"a\\nb"}]', CHAT)).toMatchObject({ body: { agent_name: "a\nb" } });
  });
});

describe("frames to the hub", () => {
  it("are those of the protocol", () => {
    expect(joinFrame(CHAT, { token: "t" })).toBe('40/chat/web2,{"token":"t"}');
    expect(eventFrame(CHAT, 3, "msg", { text: "x" })).toBe('42/chat/web2,3["msg",{"text":"x"}]');
  });
});
