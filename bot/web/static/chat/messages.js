// The messages of the open chat: bubbles, grey lines, and the times between them.

import { avatar, button, byId, el, fill } from "./dom.js";
import { isNew, read } from "./list.js";
import {
  MODERATORS, US, briefly, clock, day, dayAndClock, fileOf, kindName, memberOf, nameOf, page, people, personOf, saying, speaking, words,
} from "./page.js";

const PAUSE = 10 * 60_000;
const NEAR = 80;

const badgesOf = (message, chat) => ((!chat.direct && memberOf(chat, message.member)) || people().get(message.member))?.badges ?? [];
const original = (message, chat) => chat.messages.find((one) => one.id === message.reply_to);

function badges(message, chat) {
  if (message.own) return [el("span", { className: "badge" }, "机器人")];
  return badgesOf(message, chat).map((name) => el("span", { className: name.includes("群主") ? "badge top" : "badge" }, name));
}

/** A picture, or what downloads it where it turns out to be none. */
function picture(message, instead) {
  const image = el("img", { className: "picture", src: fileOf(message.id), alt: "图片" });
  const link = el("a", { className: "frame", href: fileOf(message.id), target: "_blank", rel: "noopener" }, image);
  image.addEventListener("error", () => link.replaceWith(instead));
  return link;
}

function attachment(message, one) {
  const kind = kindName(one.kind);
  const sheet = el("span", { className: "sheet", ariaHidden: "true" }, kind.slice(0, 1));
  const label = (hint) => el("span", {}, el("b", {}, el("bdi", {}, one.name || kind)), el("small", {}, hint));
  if (!message.own) return el("span", { className: "file" }, sheet, label(kind));
  const file = el("a", { className: "file", href: fileOf(message.id), download: "" }, sheet, label("下载"));
  return one.kind === "image" ? picture(message, file) : file;
}

function quote(message, chat) {
  if (!message.reply_to) return null;
  const found = original(message, chat);
  return button(found ? saying(found).slice(0, 80) : "较早的一条消息", () => show(message.reply_to), "quote");
}

/** Bring a message into view, and point at it for a moment. */
function show(id) {
  const node = [...byId("messages").children].find((one) => one.dataset.key === id);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("flash");
  setTimeout(() => node?.classList.remove("flash"), 1500);
}

function content(message, chat) {
  if (message.recalled) {
    const by = message.recalled_by === message.member ? "" : `（${nameOf(message.recalled_by)}）`;
    return [el("s", { dir: "auto" }, words(message)), el("em", {}, `已撤回${by}`)];
  }
  const text = message.text ? el("span", { dir: "auto" }, message.text) : null;
  return [quote(message, chat), text, ...message.attachments.map((one) => attachment(message, one))];
}

function tools(message, chat, deeds) {
  if (message.recalled) return null;
  const moderates = MODERATORS.includes(memberOf(chat, speaking(chat))?.role);
  const mayRecall = !message.own && (message.member === speaking(chat) || moderates);
  return el("span", { className: "tools" },
    button("回复", () => deeds.reply(message)),
    mayRecall ? button("撤回", () => deeds.recall(message)) : null);
}

function bubble(message, chat, deeds) {
  const mine = !message.own && message.member === speaking(chat);
  const looks = { message: true, bot: message.own, mine, recalled: message.recalled };
  const face = message.own ? el("span", { className: "avatar us", ariaHidden: "true" }, "班") : avatar(message.member, message.name);
  const meta = [
    el("bdi", {}, message.name),
    ...badges(message, chat),
    el("time", { dateTime: message.at }, clock(message.at)),
    message.edited ? el("em", {}, "已编辑") : null,
    tools(message, chat, deeds),
  ];
  return el("div", { className: Object.keys(looks).filter((look) => looks[look]).join(" ") },
    face,
    el("div", { className: "body" }, el("div", { className: "meta" }, ...meta), el("div", { className: "bubble" }, ...content(message, chat))));
}

function messageItem(message, chat, deeds) {
  const me = memberOf(chat, speaking(chat));
  const of = [message, badgesOf(message, chat), speaking(chat), me?.role, original(message, chat)?.recalled];
  return { key: message.id, of, make: () => bubble(message, chat, deeds) };
}

function lineItem(line) {
  return { key: `line ${line.id}`, of: line.text, make: () => el("p", { className: "line", dir: "auto" }, line.text) };
}

function items(chat, deeds) {
  const lines = chat.lines.map((line) => ({ ...line, line: true }));
  const shown = [];
  let before = null;
  for (const one of [...chat.messages, ...lines].sort((one, other) => one.id - other.id)) {
    if (!before || new Date(one.at) - new Date(before) > PAUSE || day(one.at) !== day(before)) {
      shown.push({ key: `at ${one.id}`, of: one.at, make: () => el("p", { className: "divider" }, dayAndClock(one.at)) });
    }
    shown.push(one.line ? lineItem(one) : messageItem(one, chat, deeds));
    before = one.at;
  }
  const empty = chat.direct ? "这里是与班长的私聊，不用 @，直接说就行。" : "还没有人说话。";
  return shown.length ? shown : [{ key: "empty", of: empty, make: () => el("p", { className: "empty" }, empty) }];
}

const atBottom = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;

// Whether the reader was at the end when they last scrolled: a notice that opens above moves the end away.
let following = true;

export function toBottom() {
  byId("messages").scrollTop = byId("messages").scrollHeight;
  byId("newer").hidden = true;
}

/** `deeds` are what the buttons of a message do: reply and recall. Who reads further up stays there. */
export function renderMessages(chat, deeds) {
  const box = byId("messages");
  const switched = box.dataset.chat !== chat.key;
  const follow = switched || following;
  if (switched) box.replaceChildren();
  box.dataset.chat = chat.key;
  fill(box, items(chat, deeds));
  if (follow) toBottom();
  else if (isNew(chat)) byId("newer").hidden = false;
  read(chat);
}

function renderFlags(chat) {
  const flags = chat.direct ? [] : [
    [!chat.ours, "班长不在群里"],
    [chat.muted_all, "全员禁言中"],
    [!chat.push, "班长的主动发言已关闭"],
    [!chat.notice, "班长的群公告权限已关闭"],
  ].filter(([up]) => up).map(([, text]) => text);
  byId("flags").hidden = !flags.length;
  fill(byId("flags"), flags.map((text) => ({ key: text, of: "", make: () => el("span", {}, text) })));
}

function renderNotice(chat) {
  const board = byId("notice");
  const notice = chat.notices.at(-1);
  board.hidden = !notice;
  if (!notice || board.dataset.notice === notice.id) return;
  board.dataset.notice = notice.id;
  board.open = window.innerWidth > 720;
  byId("notice-at").textContent = briefly(notice.at);
  byId("notice-text").textContent = notice.text;
  byId("notice-picture").hidden = !notice.picture;
  if (notice.picture) byId("notice-picture").src = fileOf(notice.id);
}

export function renderHead(chat) {
  byId("title").textContent = chat.direct ? `${nameOf(personOf(chat))} 与班长` : chat.name;
  byId("subtitle").textContent = chat.direct ? "私聊" : `${chat.members.length} 人`;
  renderFlags(chat);
  renderNotice(chat);
}

byId("newer").addEventListener("click", toBottom);
byId("messages").addEventListener("scroll", (event) => {
  following = atBottom(event.target);
  if (following) byId("newer").hidden = true;
});
byId("notice-picture").addEventListener("error", (event) => {
  event.target.hidden = true;
});
