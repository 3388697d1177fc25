// Where people write: who speaks, whether they may, and examples to click.

import { button, byId, el, fill } from "./dom.js";
import { MODERATORS, NEWCOMER, day, directWith, lasting, memberOf, page, people, saying, speaking } from "./page.js";

const DAY = 86_400_000;
const WRITE = "说点什么（Enter 发送）";

/** Why the chosen member cannot speak now, or nothing. */
export function muted(chat) {
  const me = memberOf(chat, speaking(chat));
  const left = me?.muted_until ? new Date(me.muted_until) - new Date(page.state.now) : 0;
  if (left > 0) return `${me.name} 被禁言，还剩 ${lasting(Math.ceil(left / 1000))}`;
  const hushed = chat.muted_all && !MODERATORS.includes(me?.role);
  return hushed ? "全员禁言中，只有群主和副群主能发言" : "";
}

function option(one) {
  const label = [one.name, ...(one.badges ?? []), one.muted_until ? "禁言中" : ""].filter(Boolean).join(" · ");
  return { key: one.id, of: label, make: () => el("option", { value: one.id }, label) };
}

function renderSpeaker(chat) {
  const each = chat.direct ? [...chat.members.filter((one) => !people().has(one.id)), ...people().values()] : chat.members;
  const options = each.map(option);
  if (!chat.direct) options.push(option({ id: NEWCOMER, name: "＋ 新成员…" }));
  fill(byId("speaker"), options);
  byId("speaker").value = speaking(chat);
  byId("newcomer").hidden = speaking(chat) !== NEWCOMER;
}

function hints(chat) {
  const number = page.state.evenings.at(-1)?.id ?? 1;
  const soon = day(new Date(page.state.now).getTime() + 2 * DAY);
  if (chat.direct) return ["帮助", "今天", `预览 ${number}`, `看 ${number}`, `通过 ${number}`];
  const advert = "兼职日结200，想做的加V领资料 wx_888";
  return ["@班长 帮助", `@班长 嘉宾 安排 ${soon} 王总 我的第一单`, "@班长 今天", "@班长 规则", advert];
}

function write(text) {
  byId("text").value = text;
  byId("text").focus();
}

export function renderComposer(chat) {
  renderSpeaker(chat);
  fill(byId("hints"), hints(chat).map((text) => ({ key: text, of: "", make: () => button(text, () => write(text), "") })));
  const why = muted(chat);
  byId("text").disabled = byId("send").disabled = Boolean(why);
  byId("text").placeholder = why || WRITE;
  const answered = chat.messages.find((one) => one.id === page.replyTo);
  byId("reply").hidden = !answered;
  byId("reply").firstElementChild.textContent = answered ? `回复 ${saying(answered)}` : "";
}

/** The chat that somebody chosen in the list speaks in: in private each has a chat of their own. */
export const chatOf = (chat, id) => (chat.direct ? directWith(id).key : chat.key);
