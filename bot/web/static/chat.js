// The simulator's page: asks the server once a second, and does what people press.

import { chatOf, muted, renderComposer } from "./chat/composer.js";
import { byId, say } from "./chat/dom.js";
import { read, renderList } from "./chat/list.js";
import { renderHead, renderMessages, toBottom } from "./chat/messages.js";
import { NEWCOMER, current, page, remember, speaking } from "./chat/page.js";
import { renderPanel } from "./chat/panel.js";
import { listenToSwitches, renderSwitches } from "./chat/switches.js";

const POLL = 1000;
const SOON = 300;
const REFUSALS = {
  400: "平台没有收下：可能正在禁言、内容有误，或这个人已被移出。",
  413: "太长了。",
  503: "班长正忙，请稍后再发。",
};

let timer = 0;
let asked = 0;
let busy = false;

// ---- the server

async function ask() {
  try {
    const answer = await fetch("/simulator/state", { cache: "no-store" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function poll() {
  clearTimeout(timer);
  const mine = ++asked;
  const told = await ask();
  if (mine !== asked) return;
  if (!document.hidden) timer = setTimeout(poll, POLL);
  byId("offline").hidden = told !== null;
  if (!told) return;
  if (!page.state) told.chats.forEach(read);
  page.state = told;
  render();
}

/** Post one thing at a time, and say in `line` what went wrong. True when it went well. */
async function post(url, body, line) {
  if (busy) {
    say(line, "上一件事还没办完，请稍等。");
    return false;
  }
  busy = true;
  say(line, "");
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    const told = answer.ok ? {} : await answer.json().catch(() => ({}));
    if (!answer.ok) say(line, told.error ?? REFUSALS[answer.status] ?? `服务器出错（${answer.status}）`);
    return answer.ok;
  } catch {
    say(line, "连不上服务器，没有办成。");
    return false;
  } finally {
    busy = false;
    await poll();
  }
}

// ---- the page

const deeds = {
  reply(message) {
    page.replyTo = message.id;
    render();
    byId("text").focus();
  },
  recall(message) {
    const chat = current();
    post("/simulator/messages", { chat: chat.target, member: speaking(chat), recall: message.id }, byId("error"));
  },
};

function render() {
  if (!page.state) return;
  renderPanel();
  const chat = current();
  if (!chat) return;
  renderHead(chat);
  renderSwitches(chat);
  renderComposer(chat);
  renderMessages(chat, deeds);
  renderList(open);
}

function open(key) {
  remember("chat", key);
  page.replyTo = null;
  say(byId("error"), "");
  closeDrawers();
  render();
}

async function send() {
  const chat = current();
  const newcomer = speaking(chat) === NEWCOMER;
  const member = newcomer ? byId("newcomer").value.trim() : speaking(chat);
  const text = byId("text").value;
  if (!text.trim() || muted(chat)) return;
  if (!member) {
    say(byId("error"), "先给新成员起个名字。");
    return;
  }
  const reply = page.replyTo ? { reply_to: page.replyTo } : {};
  if (!(await post("/simulator/messages", { chat: chat.target, member, text, ...reply }, byId("error")))) return;
  byId("text").value = byId("newcomer").value = "";
  page.replyTo = null;
  if (newcomer) page.speaker = current().members.find((one) => one.name === member)?.id ?? NEWCOMER;
  render();
  toBottom();
  setTimeout(poll, SOON);
}

async function turn(to) {
  byId("panel").ariaBusy = "true";
  await post("/simulator/clock", to, byId("clock-error"));
  byId("panel").ariaBusy = "false";
}

function closeDrawers() {
  document.querySelectorAll(".side.open").forEach((side) => side.classList.remove("open"));
  byId("veil").hidden = true;
}

// ---- what people press

listenToSwitches(async (name, on) => {
  const chat = current();
  await post("/simulator/messages", { chat: chat.target, member: speaking(chat), switch: name, on }, byId("error"));
  render();
});

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
byId("text").addEventListener("keydown", (event) => {
  // While an input method is composing, Enter chooses a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
byId("speaker").addEventListener("change", (event) => {
  const id = event.target.value;
  if (id === NEWCOMER) page.speaker = id;
  else remember("speaker", id);
  open(chatOf(current(), id));
  byId(id === NEWCOMER ? "newcomer" : "text").focus();
});
byId("no-reply").addEventListener("click", () => {
  page.replyTo = null;
  render();
});
document.querySelectorAll("[data-turn]").forEach((button) => {
  button.addEventListener("click", () => turn(JSON.parse(button.dataset.turn)));
});
byId("moment").addEventListener("input", (event) => {
  event.target.dataset.chosen = "yes";
});
byId("turn-to").addEventListener("submit", async (event) => {
  event.preventDefault();
  await turn({ to: byId("moment").value });
  delete byId("moment").dataset.chosen;
});
document.querySelectorAll("[data-drawer]").forEach((button) => {
  button.addEventListener("click", () => {
    byId(button.dataset.drawer).classList.add("open");
    byId("veil").hidden = false;
    byId(button.dataset.drawer).querySelector("button")?.focus();
  });
});
byId("veil").addEventListener("click", closeDrawers);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeDrawers();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) poll();
});

poll();
