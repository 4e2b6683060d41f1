// What the library shows of all films: words, status, look, maker and month.

import { locale, t } from "/static/language.js";
import { maker, plain, VENDORS } from "/static/words.js";

const find = (id) => document.getElementById(id);
const NAMES = ["status", "look", "maker", "month"];
const TYPING_MILLISECONDS = 250;
/** With fewer films than this there is nothing to look for. */
const FEWEST = 6;

/** The choice in the page's address is taken up; `onChange` is called when another one is made. */
export function setUpFilters(looks, onChange) {
  const given = new URLSearchParams(location.search);
  find("look-filter").append(...looks.map((name) => new Option(plain(name), name)));
  find("maker-filter").append(...VENDORS.map((name) => new Option(maker(name), name)));
  for (const name of NAMES) {
    const box = find(`${name}-filter`);
    const value = given.get(name) ?? "";
    if (name === "month" && value) box.append(new Option(value, value));
    box.value = value;
    box.addEventListener("change", change);
  }
  find("search").value = given.get("q") ?? "";
  let pause = 0;
  find("search").addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(change, TYPING_MILLISECONDS);
  });

  function change() {
    history.replaceState(null, "", `?${new URLSearchParams(choice())}`.replace(/\?$/, location.pathname));
    onChange();
  }
}

/** What is chosen, as pairs for a query; none where all films are shown. */
export function choice() {
  const values = NAMES.map((name) => [name, find(`${name}-filter`).value]);
  return [...values, ["q", find("search").value.trim()]].filter(([, value]) => value);
}

/** Offers a choice once there is something to choose from. */
export function offerFilters(page) {
  const isChosen = choice().length > 0;
  find("search").hidden = find("filters").hidden = page.total_count < FEWEST && !isChosen;
  if (!isChosen && page.oldest_at) offerMonths(page.oldest_at);
}

function offerMonths(oldest) {
  const box = find("month-filter");
  const chosen = box.value;
  if (box.options.length > 1 && box.lastElementChild.value === oldest.slice(0, 7)) return;
  const months = [];
  const name = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", timeZone: "UTC" });
  const [year, month] = oldest.split("-").map(Number);
  const today = new Date();
  for (let at = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth())); at >= Date.UTC(year, month - 1); at.setUTCMonth(at.getUTCMonth() - 1)) {
    months.push(new Option(name.format(at), at.toISOString().slice(0, 7)));
  }
  box.replaceChildren(new Option(t("Any month"), ""), ...months);
  box.value = chosen;
}
