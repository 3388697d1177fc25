// The simulator's page. Chat text is hostile: it only ever becomes text nodes and attributes of ours.

const byId = (id) => document.getElementById(id);
const store = { get: (key) => localStorage.getItem(`banzhang.${key}`), set: (key, value) => localStorage.setItem(`banzhang.${key}`, value) };
const POLL = 1000;
const US = "1";
const NEWCOMER = "+";
const MODERATORS = ["owner", "deputy"];
const MEDIA = { image: "图片", voice: "语音", video: "视频", file: "文件", forward: "聊天记录", card: "卡片", face: "表情" };

let state = null;
let chatKey = store.get("chat");
let speaker = store.get("speaker");
let replyTo = null;
let timer = 0;
let asked = 0;
const seen = new Map();

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Make the children of `parent` those of `items` ({key, of, make}); what has not changed stays as it is. */
function fill(parent, items) {
  items.forEach((item, n) => {
    const sign = JSON.stringify(item.of);
    const there = parent.children[n];
    if (there?.dataset.key === item.key && there.sign === sign) return;
    const node = item.make();
    node.dataset.key = item.key;
    node.sign = sign;
    if (there?.dataset.key === item.key) there.replaceWith(node);
    else parent.insertBefore(node, there ?? null);
  });
  while (parent.children.length > items.length) parent.lastChild.remove();
}

// ---- times

const format = (at, options) => new Intl.DateTimeFormat("zh-CN", { timeZone: state.zone, hourCycle: "h23", ...options }).format(new Date(at));
const clock = (at) => format(at, { hour: "2-digit", minute: "2-digit" });
const day = (at) => `${format(at, { month: "2-digit" }).replace("月", "")}-${format(at, { day: "2-digit" }).replace("日", "")}`;
const dayAndClock = (at) => `${day(at)} ${format(at, { weekday: "short" })} ${clock(at)}`;
const sameDay = (one, other) => day(one) === day(other);
const short = (at) => (sameDay(at, state.now) ? clock(at) : `${day(at)} ${clock(at)}`);

// ---- who and where

const chats = () => state.chats;
const current = () => chats().find((chat) => chat.key === chatKey) ?? directWith(chatKey);
const person = (id) => chats().flatMap((chat) => (chat.direct ? [] : chat.members)).find((one) => one.id === id);
const nameOf = (id) => person(id)?.name ?? id;
const last = (chat) => chat.messages.at(-1);
const newest = (chat) => Number(last(chat)?.id ?? 0);

/** The private chat of a member with the bot, also before a word was said in it. */
function directWith(key) {
  if (!key?.includes(":@")) return undefined;
  const id = key.slice(key.indexOf("@") + 1);
  const member = { id, name: nameOf(id), role: "member", muted_until: null, badges: [] };
  return chats().find((chat) => chat.key === key)
    ?? { key, target: `@${id}`, name: nameOf(id), direct: true, ours: true, muted_all: false, members: [member], messages: [], notices: [], files: [], lines: [] };
}

function settle() {
  const chat = current() ?? chats().find((one) => !one.direct) ?? chats()[0];
  chatKey = chat?.key ?? null;
  if (!chat) return;
  if (chat.direct) speaker = chat.target.slice(1);
  else if (speaker !== NEWCOMER && !chat.members.some((one) => one.id === speaker)) speaker = chat.members[0]?.id ?? NEWCOMER;
}

function go(key) {
  chatKey = key;
  replyTo = null;
  store.set("chat", key);
  closeDrawers();
  render();
  byId("messages").scrollTop = byId("messages").scrollHeight;
  byId("newer").hidden = true;
}

// ---- the chats

function avatar(id, name) {
  if (id === US) return el("span", { className: "avatar us", ariaHidden: "true" }, "班");
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + letter.codePointAt(0)) % 997;
  const letter = name.match(/[\p{L}\p{N}]/u)?.[0] ?? "?";
  return el("span", { className: `avatar hue-${hash % 8}`, ariaHidden: "true" }, letter);
}

const words = (message) => [message.text, ...message.attachments.map((one) => `[${MEDIA[one.kind] ?? one.kind}] ${one.name}`)].filter(Boolean).join(" ");
const unread = (chat) => chat.messages.filter((one) => Number(one.id) > (seen.get(chat.key) ?? 0) && (one.own || one.member !== speaker)).length;

function chatItem(chat, label) {
  const message = last(chat);
  const count = chat.key === chatKey ? 0 : unread(chat);
  const preview = message ? `${message.own ? "班长" : message.name}：${message.recalled ? "已撤回" : words(message)}`.slice(0, 60) : "还没有消息";
  return {
    key: chat.key,
    of: [label, preview, count, chat.key === chatKey],
    make: () => el("li", { className: chat.direct ? "direct" : "group" }, el("button", { type: "button", className: "chat", ariaCurrent: String(chat.key === chatKey), onclick: () => go(chat.key) },
      avatar(chat.direct ? chat.target.slice(1) : chat.key, label),
      el("span", { className: "what" }, el("b", {}, el("bdi", {}, label)), el("small", {}, preview)),
      count ? el("span", { className: "dot", ariaLabel: `${count} 条未读` }, String(count)) : null)),
  };
}

function renderChats() {
  const mine = speaker && speaker !== NEWCOMER ? directWith(`simulator:1:@${speaker}`) : null;
  const others = chats().filter((chat) => chat.direct && chat.key !== mine?.key && chat.messages.length);
  fill(byId("groups"), chats().filter((chat) => !chat.direct).map((chat) => chatItem(chat, chat.name)));
  fill(byId("directs"), [mine, ...others].filter(Boolean).map((chat) => chatItem(chat, nameOf(chat.target.slice(1)))));
  const waiting = chats().reduce((sum, chat) => sum + (chat.key === chatKey ? 0 : unread(chat)), 0);
  byId("elsewhere").hidden = !waiting;
  document.title = `${waiting ? `(${waiting}) ` : ""}聊天模拟器 · 班长`;
}

// ---- the messages

function badges(message, chat) {
  if (message.own) return [el("span", { className: "badge" }, "机器人")];
  const member = chat.members.find((one) => one.id === message.member && one.badges?.length) ?? person(message.member);
  return (member?.badges ?? []).map((name) => el("span", { className: name.includes("群主") ? "badge top" : "badge" }, name));
}

function attachment(message, one) {
  const kind = MEDIA[one.kind] ?? one.kind;
  const label = el("span", {}, el("b", {}, el("bdi", {}, one.name || kind)), el("small", {}, message.own ? "点击下载" : kind));
  const props = message.own ? { href: `/simulator/files/${encodeURIComponent(message.id)}`, download: "" } : {};
  return el(message.own ? "a" : "span", { className: "file", ...props }, el("span", { className: "icon", ariaHidden: "true" }, kind.slice(0, 1)), label);
}

function quote(message, chat) {
  const original = chat.messages.find((one) => one.id === message.reply_to);
  if (!message.reply_to) return null;
  const text = original ? `${original.name}：${original.recalled ? "已撤回" : words(original)}` : "较早的一条消息";
  return el("button", { type: "button", className: "quote", onclick: () => flash(message.reply_to) }, text.slice(0, 80));
}

function flash(id) {
  const node = [...byId("messages").children].find((one) => one.dataset.key === id);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("flash");
  setTimeout(() => node?.classList.remove("flash"), 1500);
}

function content(message, chat) {
  if (message.recalled) return [el("s", { dir: "auto" }, words(message)), el("em", {}, `已撤回${message.recalled_by === message.member ? "" : `（${message.recalled_by === US ? "班长" : nameOf(message.recalled_by)}）`}`)];
  return [quote(message, chat), message.text ? el("span", { dir: "auto" }, message.text) : null, ...message.attachments.map((one) => attachment(message, one))];
}

function tools(message, chat) {
  if (message.recalled) return null;
  const me = chat.members.find((one) => one.id === speaker);
  const mayRecall = !message.own && (message.member === speaker || MODERATORS.includes(me?.role));
  const recall = () => post("/simulator/messages", { chat: chat.target, member: speaker, recall: message.id }, byId("error"));
  return el("span", { className: "tools" },
    el("button", { type: "button", className: "plain", onclick: () => { replyTo = message.id; render(); byId("text").focus(); } }, "回复"),
    mayRecall ? el("button", { type: "button", className: "plain", onclick: recall }, "撤回") : null);
}

function bubble(message, chat) {
  const mine = !message.own && message.member === speaker;
  const kind = ["message", message.own ? "bot" : "", mine ? "mine" : "", message.recalled ? "recalled" : ""].filter(Boolean).join(" ");
  return el("div", { className: kind },
    avatar(message.own ? US : message.member, message.name),
    el("div", { className: "body" },
      el("div", { className: "meta" }, el("bdi", {}, message.name), ...badges(message, chat), el("time", { dateTime: message.at }, clock(message.at)), message.edited ? el("em", {}, "已编辑") : null, tools(message, chat)),
      el("div", { className: "bubble" }, ...content(message, chat))));
}

function messageItem(message, chat) {
  const member = chat.members.find((one) => one.id === message.member);
  const original = message.reply_to && chat.messages.find((one) => one.id === message.reply_to);
  const me = chat.members.find((one) => one.id === speaker)?.role;
  return { key: message.id, of: [message, member?.badges, person(message.member)?.badges, speaker, me, original?.recalled], make: () => bubble(message, chat) };
}

function items(chat) {
  const both = [...chat.messages, ...chat.lines.map((line) => ({ ...line, line: true }))].sort((one, other) => one.id - other.id);
  const shown = [];
  let before = null;
  for (const one of both) {
    if (!before || new Date(one.at) - new Date(before) > 600_000 || !sameDay(one.at, before)) {
      shown.push({ key: `at ${one.id}`, of: [one.at, state.zone], make: () => el("p", { className: "divider" }, dayAndClock(one.at)) });
    }
    shown.push(one.line ? { key: `line ${one.id}`, of: one.text, make: () => el("p", { className: "line", dir: "auto" }, one.text) } : messageItem(one, chat));
    before = one.at;
  }
  const empty = { key: "empty", of: chat.name, make: () => el("p", { className: "empty" }, chat.direct ? "这里是与班长的私聊，不用 @，直接说就行。" : "还没有人说话。") };
  return shown.length ? shown : [empty];
}

function renderMessages(chat) {
  const box = byId("messages");
  const switched = box.dataset.chat !== chat.key;
  const atBottom = switched || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const fresh = newest(chat) > (seen.get(chat.key) ?? 0);
  if (switched) box.replaceChildren();
  box.dataset.chat = chat.key;
  fill(box, items(chat));
  if (atBottom) box.scrollTop = box.scrollHeight;
  else if (fresh) byId("newer").hidden = false;
  seen.set(chat.key, newest(chat));
}

function renderHead(chat) {
  byId("title").textContent = chat.direct ? `${nameOf(chat.target.slice(1))} 与班长` : chat.name;
  const notes = chat.direct ? ["私聊"] : [`${chat.members.length} 人`, chat.muted_all ? "全员禁言中" : "", chat.ours ? "" : "班长不在群里"];
  byId("subtitle").textContent = notes.filter(Boolean).join(" · ");
  const notice = chat.notices.at(-1);
  byId("notice").hidden = !notice;
  if (!notice) return;
  byId("notice-at").textContent = short(notice.at);
  byId("notice-text").textContent = notice.text;
}

// ---- writing

function muted(chat) {
  const me = chat.members.find((one) => one.id === speaker);
  const until = me?.muted_until ? new Date(me.muted_until) - new Date(state.now) : 0;
  if (until > 0) return `${me.name} 被禁言，还剩 ${remaining(Math.ceil(until / 1000))}`;
  if (chat.muted_all && !MODERATORS.includes(me?.role)) return "全员禁言中，只有群主和副群主能发言";
  return "";
}

function remaining(seconds) {
  const parts = [[86400, "天"], [3600, "小时"], [60, "分"], [1, "秒"]].map(([size, unit]) => {
    const count = Math.floor(seconds / size);
    seconds %= size;
    return count ? `${count} ${unit}` : "";
  });
  return parts.filter(Boolean).slice(0, 2).join(" ");
}

function renderSpeaker(chat) {
  const select = byId("speaker");
  const label = (one) => [one.name, ...(one.badges ?? []).map((badge) => `· ${badge}`), one.muted_until ? "· 禁言中" : ""].filter(Boolean).join(" ");
  const options = chat.members.map((one) => ({ key: one.id, of: label(one), make: () => el("option", { value: one.id }, label(one)) }));
  if (!chat.direct) options.push({ key: NEWCOMER, of: "", make: () => el("option", { value: NEWCOMER }, "＋ 新成员…") });
  fill(select, options);
  select.value = speaker;
  select.disabled = chat.direct;
  byId("newcomer").hidden = speaker !== NEWCOMER;
}

function hints(chat) {
  const evening = state.evenings.at(-1)?.id ?? 1;
  const soon = day(new Date(new Date(state.now).getTime() + 2 * 86400_000));
  if (chat.direct) return ["帮助", "今天", `预览 ${evening}`, `看 ${evening}`, `通过 ${evening}`];
  return ["@班长 帮助", `@班长 嘉宾 安排 ${soon} 王总 我的第一单`, "@班长 今天", "@班长 规则", "兼职日结200，想做的加V领资料 wx_888"];
}

function renderComposer(chat) {
  renderSpeaker(chat);
  fill(byId("hints"), hints(chat).map((text) => ({ key: text, of: "", make: () => el("button", { type: "button", onclick: () => { byId("text").value = text; byId("text").focus(); } }, text) })));
  const why = muted(chat);
  byId("text").disabled = byId("send").disabled = Boolean(why);
  byId("text").placeholder = why || "说点什么。Enter 发送，Shift+Enter 换行";
  const original = chat.messages.find((one) => one.id === replyTo);
  byId("reply").hidden = !original;
  byId("reply").firstElementChild.textContent = original ? `回复 ${original.name}：${words(original)}` : "";
}

async function send() {
  const chat = current();
  const member = speaker === NEWCOMER ? byId("newcomer").value.trim() : speaker;
  const text = byId("text").value;
  if (!chat || byId("send").disabled || !text.trim()) return;
  if (!member) return say(byId("error"), "先给新成员起个名字");
  byId("send").disabled = true;
  const sent = await post("/simulator/messages", { chat: chat.target, member, text, ...(replyTo ? { reply_to: replyTo } : {}) }, byId("error"));
  byId("send").disabled = false;
  if (!sent) return;
  byId("text").value = byId("newcomer").value = "";
  replyTo = null;
  if (speaker === NEWCOMER) speaker = chats().find((one) => one.key === chat.key)?.members.find((one) => one.name === member)?.id ?? NEWCOMER;
  render();
  byId("messages").scrollTop = byId("messages").scrollHeight;
  setTimeout(poll, 300);
}

// ---- the clock and the evenings

const MARKS = { 失败: ["✗", "bad"], 未知: ["?", "bad"], 待人工: ["!", "bad"], 已过期: ["–", "gone"], 已送达: ["✓", "done"] };

function step(one, over) {
  const coming = state.next && new Date(one.due).getTime() === new Date(state.next).getTime() && one.state === "排队" && !over;
  const [mark, kind] = coming ? ["▸", "next"] : MARKS[one.state] ?? ["○", ""];
  const shown = one.state === "排队" && !coming ? "" : coming ? "下一步" : one.state;
  return el("li", { className: kind, title: one.why }, el("span", { ariaHidden: "true" }, mark), el("span", {}, one.name), el("time", { dateTime: one.due }, `${day(one.due)} ${clock(one.due)}`), el("span", {}, shown));
}

function evening(one) {
  const title = el("summary", {}, el("span", { className: "state" }, one.state), el("b", {}, `#${one.id} `, el("bdi", {}, one.guest), "《", el("bdi", {}, one.topic), "》"), el("small", {}, `${one.group} · ${dayAndClock(one.starts)}–${clock(one.ends)}`));
  return el("details", { className: "evening", open: !one.over }, title, el("ul", { className: "steps" }, ...one.steps.map((each) => step(each, one.over))));
}

function renderPanel() {
  byId("day").textContent = format(state.now, { year: "numeric", month: "long", day: "numeric", weekday: "long" });
  byId("clock").firstChild.textContent = byId("small-clock").textContent = clock(state.now);
  byId("clock").lastElementChild.textContent = `:${String(new Date(state.now).getSeconds()).padStart(2, "0")}`;
  byId("next").textContent = state.next ? `下一步在 ${short(state.next)}` : "后面没有要发的";
  const moment = byId("moment");
  if (document.activeElement !== moment && !moment.dataset.chosen) moment.value = state.now.slice(0, 16);
  const nothing = { key: "none", of: "", make: () => el("p", { className: "empty" }, "还没有安排。以群主身份说「@班长 嘉宾 安排 …」。") };
  const listed = state.evenings.map((one) => ({ key: String(one.id), of: [one, state.next], make: () => evening(one) })).reverse();
  fill(byId("evenings"), listed.length ? listed : [nothing]);
}

async function turn(to) {
  const buttons = byId("panel").querySelectorAll("button");
  buttons.forEach((button) => { button.disabled = true; });
  await post("/simulator/clock", to, byId("clock-error"));
  buttons.forEach((button) => { button.disabled = false; });
}

// ---- the server

function say(line, text) {
  line.textContent = text;
  line.hidden = !text;
}

const REFUSALS = { 400: "平台没有收下：可能正在禁言、内容有误，或这个人已被移出。", 413: "太长了。", 503: "班长正忙，请稍后再发。" };

/** Post, look at what became of it, and say in `line` what went wrong. True when it went well. */
async function post(url, body, line) {
  say(line, "");
  try {
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      say(line, told.error ?? REFUSALS[answer.status] ?? `服务器出错（${answer.status}）`);
    }
    await poll();
    return answer.ok;
  } catch {
    say(line, "连不上服务器，没有办成。");
    return false;
  }
}

async function poll() {
  clearTimeout(timer);
  const mine = ++asked;
  try {
    const answer = await fetch("/simulator/state", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const told = await answer.json();
    if (mine !== asked) return;
    if (!state) told.chats.forEach((chat) => seen.set(chat.key, newest(chat)));
    state = told;
    byId("offline").hidden = true;
    render();
  } catch (problem) {
    if (mine !== asked) return;
    console.error(problem);
    byId("offline").hidden = false;
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(poll, POLL);
}

function render() {
  if (!state) return;
  settle();
  const chat = current();
  renderPanel();
  if (!chat) return;
  renderHead(chat);
  renderComposer(chat);
  renderMessages(chat);
  renderChats();
}

// ---- what people press

function closeDrawers() {
  document.querySelectorAll(".side.open").forEach((side) => side.classList.remove("open"));
  byId("veil").hidden = true;
}

document.querySelectorAll("[data-drawer]").forEach((button) => button.addEventListener("click", () => {
  byId(button.dataset.drawer).classList.add("open");
  byId("veil").hidden = false;
}));
byId("veil").addEventListener("click", closeDrawers);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeDrawers(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });

byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
byId("text").addEventListener("keydown", (event) => {
  // While an input method is composing, Enter chooses a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
byId("speaker").addEventListener("change", (event) => {
  speaker = event.target.value;
  if (speaker !== NEWCOMER) store.set("speaker", speaker);
  render();
  byId(speaker === NEWCOMER ? "newcomer" : "text").focus();
});
byId("reply").lastElementChild.addEventListener("click", () => { replyTo = null; render(); });
byId("newer").addEventListener("click", () => { byId("messages").scrollTop = byId("messages").scrollHeight; });
byId("messages").addEventListener("scroll", (event) => {
  const box = event.target;
  if (box.scrollHeight - box.scrollTop - box.clientHeight < 80) byId("newer").hidden = true;
});

document.querySelectorAll("[data-turn]").forEach((button) => button.addEventListener("click", () => turn(JSON.parse(button.dataset.turn))));
byId("moment").addEventListener("input", (event) => { event.target.dataset.chosen = "yes"; });
byId("turn-to").addEventListener("submit", async (event) => {
  event.preventDefault();
  await turn({ to: byId("moment").value });
  delete byId("moment").dataset.chosen;
});

poll();
