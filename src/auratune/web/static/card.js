// One card of the library: a film, and beside it the remakes that belong to it.

import { t } from "/static/language.js";
import { canBeRetried, clock, isOver, nameOf, stateOf, titleOf } from "/static/words.js";

const WIDTHS = [160, 320, 480];
const MOST_VERSIONS = 4;

export function newCard(template) {
  const card = template.content.firstElementChild.cloneNode(true);
  const picture = card.querySelector("img");
  picture.addEventListener("error", () => card.classList.add("blank"));
  picture.addEventListener("load", () => card.classList.remove("blank"));
  return card;
}

/** Shows the newest of a group's films, and small the others; `onAct` is called with `stop`, `retry` or `delete`. */
export function fillCard(card, [film, ...others], onAct) {
  const over = isOver(film);
  card.dataset.id = film.task_id;
  card.querySelector(".still").setAttribute("href", `/films/${film.task_id}`);
  card.classList.toggle("busy", !over);
  card.classList.toggle("lost", over && film.status !== "done");
  set(card.querySelector("h3"), titleOf(film));
  set(card.querySelector(".state"), stateOf(film));
  set(card.querySelector(".length"), film.duration_seconds ? clock(film.duration_seconds) : "");
  card.querySelector(".still").setAttribute("aria-label", nameOf(film));
  showPicture(card.querySelector(".still img"), film);
  const meter = card.querySelector(".meter");
  meter.hidden = over;
  meter.style.setProperty("--share", film.progress / 100);
  meter.setAttribute("aria-valuenow", film.progress);
  meter.setAttribute("aria-label", t("Making {title}", { title: titleOf(film) }));
  showTools(card.querySelector(".tools"), film, onAct);
  showVersions(card.querySelector(".versions"), others);
}

/** Changes only when the poster does: a film's picture is its photo until it is done. */
export function showPicture(picture, film, widths = WIDTHS) {
  const version = `${film.task_id} ${film.status === "done" ? film.modified_at : "photo"}`;
  if (picture.dataset.version === version) return;
  picture.dataset.version = version;
  const of = film.status === "done" ? film.modified_at : "photo";
  const address = (width) => `${film.poster_url}?width=${width}&of=${encodeURIComponent(of)}`;
  if (widths.length > 1) picture.srcset = widths.map((width) => `${address(width)} ${width}w`).join(", ");
  picture.src = address(widths.at(-1) > 320 ? 320 : widths.at(-1));
}

function showTools(box, film, onAct) {
  const wanted = [];
  if (!isOver(film)) wanted.push(["stop", t("Stop")]);
  else if (film.status !== "done") {
    if (canBeRetried(film)) wanted.push(["retry", t("Try again")]);
    wanted.push(["delete", t("Delete")]);
  }
  const state = `${film.task_id} ${wanted.join()}`;
  if (box.dataset.has === state) return;
  box.dataset.has = state;
  box.replaceChildren(...wanted.map(([act, words]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: words });
    button.setAttribute("aria-label", `${words}: ${titleOf(film)}`);
    button.addEventListener("click", () => onAct(act, film, button));
    return button;
  }));
}

function showVersions(box, others) {
  const shown = others.slice(0, MOST_VERSIONS);
  const state = shown.map((film) => `${film.task_id} ${film.status}`).join() + others.length;
  if (box.dataset.has === state) return;
  box.dataset.has = state;
  box.hidden = !others.length;
  box.replaceChildren(...shown.map((film) => {
    const link = Object.assign(document.createElement("a"), { href: `/films/${film.task_id}` });
    link.setAttribute("aria-label", nameOf(film));
    const picture = Object.assign(document.createElement("img"), { alt: "", loading: "lazy", decoding: "async", width: 40, height: 50 });
    showPicture(picture, film, [160]);
    link.append(picture);
    return link;
  }), Object.assign(document.createElement("span"), { className: "fine", textContent: t("{count} versions", { count: others.length + 1 }) }));
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
