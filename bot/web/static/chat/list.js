// The list of chats, with how much in each is unread.

import { avatar, byId, el, fill } from "./dom.js";
import { NEWCOMER, directWith, directs, groups, nameOf, newest, page, personOf, saying, speaking } from "./page.js";

const seen = new Map();

/** Everything up to now in this chat was read. */
export const read = (chat) => seen.set(chat.key, newest(chat));
export const isNew = (chat) => newest(chat) > (seen.get(chat.key) ?? 0);

function unread(chat) {
  if (chat.key === page.chat) return 0;
  const since = seen.get(chat.key) ?? 0;
  return chat.messages.filter((one) => Number(one.id) > since && (one.own || one.member !== speaking(chat))).length;
}

function item(chat, name, open) {
  const count = unread(chat);
  const here = chat.key === page.chat;
  const preview = chat.messages.length ? saying(chat.messages.at(-1)).slice(0, 60) : "还没有消息";
  const make = () => el("li", { className: chat.direct ? "direct" : "group" },
    el("button", { type: "button", className: "chat", ariaCurrent: String(here), onclick: () => open(chat.key) },
      avatar(chat.direct ? personOf(chat) : chat.key, name),
      el("span", { className: "what" }, el("b", {}, el("bdi", {}, name)), el("small", { dir: "auto" }, preview)),
      count ? el("span", { className: "dot", ariaLabel: `${count} 条未读` }, String(count)) : null));
  return { key: chat.key, of: [name, preview, count, here], make };
}

/** `open` is called with the key of the chat that was chosen. */
export function renderList(open) {
  const mine = page.speaker && page.speaker !== NEWCOMER ? [directWith(page.speaker)] : [];
  const shown = [...directs().filter((chat) => chat.messages.length), ...mine];
  if (page.chat?.includes(":@")) shown.push(directWith(page.chat.split(":@")[1]));
  const each = [...new Map(shown.map((chat) => [chat.key, chat])).values()];
  each.sort((one, other) => (other.key === mine[0]?.key) - (one.key === mine[0]?.key));
  fill(byId("groups"), groups().map((chat) => item(chat, chat.name, open)));
  fill(byId("directs"), each.map((chat) => item(chat, nameOf(personOf(chat)), open)));
  const waiting = page.state.chats.reduce((sum, chat) => sum + unread(chat), 0);
  byId("elsewhere").hidden = !waiting;
  document.title = `${waiting ? `(${waiting}) ` : ""}聊天模拟器 · 班长`;
}
