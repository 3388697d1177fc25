// What the page shows: the server's state, and what the reader has chosen.

export const US = "1";
export const NEWCOMER = "+";
export const MODERATORS = ["owner", "deputy"];

const remembered = (key) => localStorage.getItem(`banzhang.${key}`);

/** `speaker` is who speaks in groups; a private chat has a person of its own. */
export const page = { state: null, chat: remembered("chat"), speaker: remembered("speaker"), replyTo: null };

export function remember(key, value) {
  page[key] = value;
  localStorage.setItem(`banzhang.${key}`, value);
}

// ---- who and where

export const groups = () => page.state.chats.filter((chat) => !chat.direct);
export const directs = () => page.state.chats.filter((chat) => chat.direct);
export const people = () => new Map(groups().flatMap((chat) => chat.members.map((one) => [one.id, one])));
export const nameOf = (id) => (id === US ? "班长" : people().get(id)?.name ?? id);
export const personOf = (chat) => chat.target.slice(1);
export const newest = (chat) => Number(chat.messages.at(-1)?.id ?? 0);
export const speaking = (chat) => (chat.direct ? personOf(chat) : page.speaker);
export const fileOf = (id) => `/simulator/files/${encodeURIComponent(id)}`;
export const memberOf = (chat, id) => chat.members.find((one) => one.id === id);

/** The private chat of somebody with the bot, also before a word was said in it. */
export function directWith(id) {
  const key = `simulator:1:@${id}`;
  const member = people().get(id) ?? { id, name: id, role: "member", badges: [] };
  const empty = { messages: [], notices: [], files: [], lines: [], ours: true, muted_all: false, push: true, notice: true };
  return directs().find((chat) => chat.key === key)
    ?? { ...empty, key, target: `@${id}`, name: member.name, direct: true, members: [{ ...member, muted_until: null }] };
}

/** The chat that is open, with somebody in it who speaks; undefined when there is none at all. */
export function current() {
  const [, person] = page.chat?.split(":@") ?? [];
  const chat = person ? directWith(person) : groups().find((one) => one.key === page.chat) ?? groups()[0] ?? directs()[0];
  page.chat = chat?.key ?? null;
  if (chat && !chat.direct && page.speaker !== NEWCOMER && !memberOf(chat, page.speaker)) {
    page.speaker = chat.members[0]?.id ?? NEWCOMER;
  }
  return chat;
}

// ---- messages in words

const MEDIA = { image: "图片", voice: "语音", video: "视频", file: "文件", forward: "聊天记录", card: "卡片", face: "表情" };

export const kindName = (kind) => MEDIA[kind] ?? kind;

export function words(message) {
  const attached = message.attachments.map((one) => `[${kindName(one.kind)}] ${one.name}`.trim());
  return [message.text, ...attached].filter(Boolean).join(" ");
}

export const saying = (message) => `${message.name}：${message.recalled ? "已撤回" : words(message)}`;

// ---- times, on the wall clock of the groups

function parts(at, options) {
  const format = new Intl.DateTimeFormat("zh-CN", { timeZone: page.state.zone, hourCycle: "h23", ...options });
  return Object.fromEntries(format.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
}

const DAY = { month: "2-digit", day: "2-digit", weekday: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };

export function clock(at) {
  const { hour, minute } = parts(at, CLOCK);
  return `${hour}:${minute}`;
}

export function day(at) {
  const { month, day: number } = parts(at, DAY);
  return `${month}-${number}`;
}

export const dayAndClock = (at) => `${day(at)} ${parts(at, DAY).weekday} ${clock(at)}`;
export const briefly = (at) => (day(at) === day(page.state.now) ? clock(at) : `${day(at)} ${clock(at)}`);

export function longDay(at) {
  const { year, month, day: number, weekday } = parts(at, { year: "numeric", month: "numeric", day: "numeric", weekday: "long" });
  return `${year}年${month}月${number}日 ${weekday}`;
}

export function lasting(seconds) {
  const units = [[86400, "天"], [3600, "小时"], [60, "分"], [1, "秒"]];
  const counts = units.map(([size, unit], n) => [Math.floor((n ? seconds % units[n - 1][0] : seconds) / size), unit]);
  return counts.filter(([count]) => count).slice(0, 2).map(([count, unit]) => `${count} ${unit}`).join(" ");
}
