// The shelf of films: those that are ready, those in the making, and those that went wrong.

import { call } from "/static/api.js";
import { say, sayWithUndo } from "/static/notices.js";
import { clock, isOver, nameOf, stateOf, titleOf } from "/static/words.js";

const find = (id) => document.getElementById(id);
const PAGE = 48;
const WIDTHS = [160, 320, 480];

export class Library {
  #films = new Map();
  #cards = new Map();
  #removed = new Set();
  #next = null;
  #total = 0;
  #query = "";
  #status = "";
  #reading = null;
  #stale = new Set();

  constructor() {
    let pause = 0;
    find("search").addEventListener("input", (event) => {
      clearTimeout(pause);
      pause = setTimeout(() => this.#filter(event.target.value.trim(), this.#status), 250);
    });
    find("status-filter").addEventListener("change", (event) => this.#filter(this.#query, event.target.value));
    new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#more();
    }, { rootMargin: "800px" }).observe(find("more"));
  }

  /** Reads the newest films and those in the making; what was read before stays where it is. */
  async refresh() {
    this.#reading ??= this.#readNewest().finally(() => { this.#reading = null; this.#fillScreen(); });
    return this.#reading;
  }

  async #readNewest() {
    const page = await call(`/photos?limit=${PAGE}${this.#choice()}`);
    const known = new Set(page.videos.map((film) => film.task_id));
    const oldest = page.videos.at(-1);
    // Of what this page covers, films that it does not name are gone.
    for (const [id, film] of this.#films) {
      if (!known.has(id) && (!page.next || (oldest && film.created_at > oldest.created_at))) this.#films.delete(id);
    }
    if (this.#films.size <= page.videos.length) this.#next = page.next;
    this.#take(page);
    const unknown = [...this.#films.values()].filter((film) => !isOver(film) && !known.has(film.task_id));
    await Promise.all(unknown.map((film) => this.#readOne(film.task_id)));
  }

  async #filter(query, status) {
    [this.#query, this.#status] = [query, status];
    const page = await call(`/photos?limit=${PAGE}${this.#choice()}`).catch((error) => say(error.message, true));
    if (!page || query !== this.#query || status !== this.#status) return;
    this.#films.clear();
    this.#next = page.next;
    this.#take(page);
  }

  async #more() {
    if (!this.#next || this.#reading) return;
    const cursor = this.#next;
    this.#next = null;
    const page = await call(`/photos?limit=${PAGE}&cursor=${encodeURIComponent(cursor)}${this.#choice()}`).catch(() => null);
    this.#next = page ? page.next : cursor;
    if (!page) return;
    this.#take(page);
    this.#fillScreen();
  }

  /** Reads on while the end of the shelf is near the screen: an observer tells only of changes. */
  #fillScreen() {
    requestAnimationFrame(() => {
      if (find("more").getBoundingClientRect().top < innerHeight + 800) this.#more();
    });
  }

  #choice() {
    return (this.#query ? `&q=${encodeURIComponent(this.#query)}` : "") + (this.#status ? `&status=${this.#status}` : "");
  }

  #take(page) {
    this.#total = page.total_count;
    find("tally").textContent = page.total_count ? `${page.total_count} · ${page.total_size_mb.toFixed(0)} MB` : "";
    find("search").hidden = page.total_count < 6 && !this.#query;
    find("filter").hidden = page.total_count < 6 && !this.#status;
    for (const film of page.videos) this.#set(film);
    this.#draw();
  }

  #set(film) {
    const before = this.#films.get(film.task_id);
    if (before && before.status !== film.status && film.status === "done") say(`${titleOf(film)} is ready.`);
    this.#films.set(film.task_id, film);
  }

  /** Reads one film anew; a new one takes its place at the top. */
  async add(id) {
    await this.#readOne(id);
    this.#draw();
  }

  async #readOne(id) {
    if (this.#stale.has(id)) return;
    this.#stale.add(id);
    try {
      this.#set(await call(`/photos/${id}`));
      if (this.#cards.has(id)) this.#fill(this.#films.get(id));
    } catch (error) {
      if (error.status !== 404 && error.status !== 410) throw error;
      this.#films.delete(id);
      this.#draw();
    } finally {
      this.#stale.delete(id);
    }
  }

  /** Takes in a live event; what it cannot tell is read anew, for that film alone. */
  hear(event) {
    const film = this.#films.get(event.task_id);
    if (!film) {
      if (!this.#query && !this.#status && !this.#removed.has(event.task_id)) this.add(event.task_id).catch(() => {});
      return;
    }
    const changed = film.status !== event.status || film.stage !== event.stage;
    Object.assign(film, { progress: event.progress, stage: event.stage, message: event.message });
    if (!isOver(event)) film.status = event.status;
    this.#fill(film);
    this.#head();
    if (changed) this.#readOne(film.task_id).then(() => this.#head()).catch(() => {});
  }

  #draw() {
    for (const [id, card] of this.#cards) {
      if (!this.#films.has(id)) { card.remove(); this.#cards.delete(id); }
    }
    const shelf = find("shelf");
    const films = [...this.#films.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
    let after = null;
    for (const film of films) {
      if (this.#removed.has(film.task_id)) continue;
      const card = this.#cards.get(film.task_id) ?? this.#fill(film);
      if (card.film !== film) this.#fill(film);
      const wanted = after ? after.nextElementSibling : shelf.firstElementChild;
      if (wanted !== card) shelf.insertBefore(card, wanted);
      after = card;
    }
    this.#empty(after === null);
    this.#head();
  }

  #empty(isEmpty) {
    const isFiltered = this.#query || this.#status;
    find("empty").hidden = !isEmpty;
    find("empty-title").textContent = isFiltered ? "No film matches." : "No films yet.";
    find("empty-hint").textContent = isFiltered
      ? "Search looks at titles, captions and lyrics; try another word, or show all."
      : "Your first film will be here a minute after its photo.";
  }

  #head() {
    const busy = [...this.#films.values()].filter((film) => !isOver(film));
    document.title = busy.length ? `${Math.min(...busy.map((film) => film.progress))} % · AuraTune` : "AuraTune";
  }

  #fill(film) {
    let card = this.#cards.get(film.task_id);
    if (!card) {
      card = find("card").content.firstElementChild.cloneNode(true);
      card.dataset.id = film.task_id;
      card.querySelector(".still").href = `/films/${film.task_id}`;
      const picture = card.querySelector("img");
      picture.addEventListener("error", () => card.classList.add("blank"));
      picture.addEventListener("load", () => card.classList.remove("blank"));
      this.#cards.set(film.task_id, card);
    }
    card.film = film;
    const over = isOver(film);
    card.classList.toggle("busy", !over);
    card.classList.toggle("lost", over && film.status !== "done");
    set(card.querySelector("h3"), titleOf(film));
    set(card.querySelector(".state"), stateOf(film));
    set(card.querySelector(".length"), film.duration_seconds ? clock(film.duration_seconds) : "");
    card.querySelector(".still").setAttribute("aria-label", nameOf(film));
    this.#picture(card, film);
    const meter = card.querySelector(".meter");
    meter.hidden = over;
    meter.style.setProperty("--share", film.progress / 100);
    meter.setAttribute("aria-valuenow", film.progress);
    meter.setAttribute("aria-label", `Making ${titleOf(film)}`);
    this.#tools(card, film);
    return card;
  }

  #picture(card, film) {
    const version = film.status === "done" ? film.modified_at : "photo";
    const picture = card.querySelector("img");
    if (picture.dataset.version === version) return;
    picture.dataset.version = version;
    const address = (width) => `${film.poster_url}?width=${width}&of=${encodeURIComponent(version)}`;
    picture.sizes = "(max-width: 520px) 45vw, 270px";
    picture.srcset = WIDTHS.map((width) => `${address(width)} ${width}w`).join(", ");
    picture.src = address(320);
  }

  #tools(card, film) {
    const wanted = [];
    if (!isOver(film)) wanted.push("Stop");
    else if (film.status !== "done") wanted.push(...(film.retryable || film.status === "cancelled" ? ["Try again"] : []), "Delete");
    const box = card.querySelector(".tools");
    if (box.dataset.has === wanted.join()) return;
    box.dataset.has = wanted.join();
    box.replaceChildren(...wanted.map((words) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: words });
      button.setAttribute("aria-label", `${words}: ${titleOf(film)}`);
      button.addEventListener("click", () => this.#act(words, film.task_id, button));
      return button;
    }));
  }

  async #act(words, id, button) {
    if (words === "Delete") return this.#remove(id);
    button.disabled = true;
    try {
      await call(`/photos/${id}/${words === "Stop" ? "cancel" : "retry"}`, { method: "POST" });
    } catch (error) {
      say(error.message, true);
    }
    button.disabled = false;
    await this.#readOne(id).catch(() => {});
    this.#draw();
  }

  /** Takes a film off the shelf; it is deleted when there is no undo any more. */
  #remove(id) {
    const film = this.#films.get(id);
    this.#removed.add(id);
    this.#cards.get(id)?.remove();
    this.#cards.delete(id);
    this.#draw();
    sayWithUndo(
      `${titleOf(film)} is deleted.`,
      () => call(`/photos/${id}`, { method: "DELETE", keepalive: true }).then(() => this.#films.delete(id), (error) => { this.#removed.delete(id); this.#draw(); say(error.message, true); }),
      () => { this.#removed.delete(id); this.#draw(); },
    );
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
