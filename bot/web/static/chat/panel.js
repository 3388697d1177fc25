// The clock, and what the bot has promised for the evenings.

import { byId, el, fill } from "./dom.js";
import { briefly, clock, day, dayAndClock, longDay, page } from "./page.js";

const MARKS = { 已送达: ["✓", "done"], 已过期: ["–", "gone"], 失败: ["✗", "bad"], 未知: ["?", "bad"], 待人工: ["!", "bad"] };
const WAITING = "排队";

function isNext(step, over) {
  const { next } = page.state;
  return !over && next !== null && step.state === WAITING && new Date(step.due).getTime() === new Date(next).getTime();
}

function stepLine(step, over) {
  const coming = isNext(step, over);
  const [mark, kind] = coming ? ["▸", "next"] : MARKS[step.state] ?? ["○", ""];
  const said = coming ? "下一步" : step.state === WAITING ? "" : step.state;
  return el("li", { className: kind, title: step.why },
    el("span", { ariaHidden: "true" }, mark),
    el("span", {}, step.name),
    el("time", { dateTime: step.due }, `${day(step.due)} ${clock(step.due)}`),
    el("span", {}, said));
}

function card(evening) {
  const what = el("b", {}, `#${evening.id} `, el("bdi", {}, evening.guest), "《", el("bdi", {}, evening.topic), "》");
  const when = el("small", {}, `${evening.group} · ${dayAndClock(evening.starts)}–${clock(evening.ends)}`);
  const steps = evening.steps.map((step) => stepLine(step, evening.over));
  return el("details", { className: "evening", open: !evening.over },
    el("summary", {}, el("span", { className: "state" }, evening.state), what, when),
    el("ul", { className: "steps" }, ...steps));
}

function renderEvenings() {
  const { evenings, next } = page.state;
  const none = "还没有安排。以群主身份说「@班长 嘉宾 安排 …」。";
  const cards = evenings.map((one) => ({ key: String(one.id), of: [one, next], make: () => card(one) })).reverse();
  fill(byId("evenings"), cards.length ? cards : [{ key: "none", of: "", make: () => el("p", { className: "none" }, none) }]);
}

export function renderPanel() {
  const { now, next } = page.state;
  byId("day").textContent = longDay(now);
  byId("clock").firstChild.textContent = byId("small-clock").textContent = clock(now);
  byId("seconds").textContent = `:${now.slice(17, 19)}`;
  byId("next").textContent = next ? `下一步在 ${briefly(next)}` : "后面没有要发的";
  const moment = byId("moment");
  if (document.activeElement !== moment && !moment.dataset.chosen) moment.value = now.slice(0, 16);
  renderEvenings();
}
