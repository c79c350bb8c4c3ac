/** What the panel says, in English and Chinese. */

const en = {
  title: "Chat with us",
  open: "Open chat",
  close: "Close chat",
  unread: "{n} new",
  messages: "Messages",
  you: "You",
  composer: "Your message",
  placeholder: "Write a message…",
  send: "Send",
  name: "Your name (optional)",
  language: "中文",
  language_hint: "Switch to Chinese",
  end: "End chat",
  end_sure: "End this conversation?",
  end_yes: "End it",
  end_no: "Go on",
  greeting: "Hello! How can we help you?",
  with_agent: "You are talking to {name}",
  waiting: "We are finding the right person for you…",
  ready: "We usually answer within minutes",
  ended: "This conversation has ended.",
  start_new: "Start a new conversation",
  connecting: "Connecting…",
  offline: "No connection. What you write is kept and sent when it is back.",
  refused: "The chat is not available here.",
  sending: "Sending…",
  sent: "Sent",
  failed: "Not sent",
  retry: "Try again",
  discard: "Discard",
  typing: "{name} is typing",
  someone: "Somebody",
  too_long: "Your message has {n} characters; at most {max} can be sent. Please shorten or split it.",
  too_many: "Many messages are still waiting to be sent. Please wait a moment.",
  left: "{n} characters left",
};

const zh: typeof en = {
  title: "在线咨询",
  open: "打开聊天",
  close: "关闭聊天",
  unread: "{n} 条新消息",
  messages: "消息",
  you: "您",
  composer: "您的消息",
  placeholder: "请输入消息…",
  send: "发送",
  name: "您的称呼（选填）",
  language: "EN",
  language_hint: "切换为英文",
  end: "结束聊天",
  end_sure: "要结束这次对话吗？",
  end_yes: "结束",
  end_no: "继续聊",
  greeting: "您好！请问有什么可以帮您？",
  with_agent: "{name} 正在为您服务",
  waiting: "正在为您安排合适的客服…",
  ready: "通常几分钟内回复",
  ended: "本次对话已结束。",
  start_new: "开始新的对话",
  connecting: "正在连接…",
  offline: "网络已断开。您写的内容会保留，恢复后自动发送。",
  refused: "此处无法使用在线咨询。",
  sending: "发送中…",
  sent: "已发送",
  failed: "未发送",
  retry: "重试",
  discard: "删除",
  typing: "{name} 正在输入",
  someone: "客服",
  too_long: "消息有 {n} 个字符，最多可发送 {max} 个。请缩短或分条发送。",
  too_many: "还有多条消息等待发送，请稍候。",
  left: "还可输入 {n} 个字符",
};

export type Language = "en" | "zh";
export type Words = typeof en;

export const WORDS: Record<Language, Words> = { en, zh };

/** The language that a tag such as "zh-CN" asks for; English for all others. */
export function languageOf(tag: string): Language {
  return tag.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
