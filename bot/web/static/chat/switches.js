// What the people of a group let the bot do there; only owner and deputies turn it.

import { byId } from "./dom.js";
import { MODERATORS, memberOf, speaking } from "./page.js";

const boxes = [...document.querySelectorAll("[data-switch]")];
const menu = byId("settings");

export function renderSwitches(chat) {
  const may = MODERATORS.includes(memberOf(chat, speaking(chat))?.role);
  menu.hidden = chat.direct;
  byId("settings-why").hidden = may;
  for (const box of boxes) {
    box.checked = chat[box.dataset.switch];
    box.disabled = !may;
  }
}

/** `turn` is called with the name of a switch and whether it is to be on. */
export function listenToSwitches(turn) {
  for (const box of boxes) box.addEventListener("change", () => turn(box.dataset.switch, box.checked));
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") menu.open = false;
  });
}
