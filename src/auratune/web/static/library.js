// The library: films that are ready, those in the making, and those that went wrong; remakes lie with their origin.

import { call } from "/static/api.js";
import { fillCard, newCard } from "/static/card.js";
import { choice, offerFilters, setUpFilters } from "/static/filters.js";
import { drawn, inFrame } from "/static/frames.js";
import { number, t } from "/static/language.js";
import { say, sayWithUndo } from "/static/notices.js";
import { isOver, titleOf } from "/static/words.js";

const find = (id) => document.getElementById(id);
const PAGE = 24;
const LONGEST_PAGE = 200;
const PLACE = "library place";
const originOf = (film) => film.made_from ?? film.task_id;

export class Library {
  #films = new Map();
  #groups = new Map();
  #cards = new Map();
  #busy = new Set();
  #removed = new Set();
  #reading = null;
  #asked = new Set();
  #stale = new Set();
  #next = null;
  #end;

  constructor(looks) {
    setUpFilters(looks, () => this.#filter());
    this.#end = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#more();
    }, { rootMargin: "800px" });
    this.#end.observe(find("more"));
    addEventListener("pagehide", () => this.#keepPlace());
  }

  /** Reads the first films; whoever comes back finds as many as there were, and the place where they left. */
  async open() {
    const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    const [{ type }] = performance.getEntriesByType("navigation");
    if (type === "navigate" || place?.search !== location.search) return this.refresh();
    await this.refresh();
    for (let before = 0; this.#next && before < this.#films.size && this.#films.size < place.count;) {
      before = this.#films.size;
      await this.#more(LONGEST_PAGE);
    }
    await drawn();
    // Cards take their own heights when they come into sight, so the place is a card and not a number of pixels.
    for (let time = 0; time < 3; time += 1) {
      const card = find("shelf").querySelector(`[data-id="${place.card}"]`);
      if (card) scrollBy({ top: card.getBoundingClientRect().top - place.top, behavior: "instant" });
      await new Promise(requestAnimationFrame);
    }
  }

  #keepPlace() {
    const card = [...find("shelf").children].find((each) => each.getBoundingClientRect().bottom > 0);
    if (!card) return;
    const place = { search: location.search, count: this.#films.size, card: card.dataset.id, top: card.getBoundingClientRect().top };
    sessionStorage.setItem(PLACE, JSON.stringify(place));
  }

  /** Reads the newest films and those in the making; what was read before stays where it is. */
  async refresh() {
    this.#reading ??= this.#readNewest().finally(() => { this.#reading = null; });
    await this.#reading;
    await this.#fillScreen();
  }

  async #readNewest() {
    const page = await this.#read();
    if (!page) return;
    const known = new Set(page.videos.map((film) => film.task_id));
    const oldest = page.videos.at(-1);
    // Of what this page covers, films that it does not name are gone.
    for (const [id, film] of this.#films) {
      if (!known.has(id) && (!page.next || (oldest && film.created_at > oldest.created_at))) this.#forget(id);
    }
    if (this.#films.size <= page.videos.length) this.#next = page.next;
    this.#take(page);
    await Promise.all([...this.#busy].filter((id) => !known.has(id)).map((id) => this.add(id)));
  }

  async #filter() {
    const page = await this.#read().catch((error) => say(error.message, true));
    if (!page) return;
    for (const id of this.#films.keys()) this.#forget(id);
    this.#next = page.next;
    this.#take(page);
  }

  async #more(limit = PAGE) {
    if (!this.#next || this.#reading) return;
    const cursor = this.#next;
    this.#next = null;
    const page = await this.#read({ cursor, limit }).catch(() => { this.#next = cursor; });
    if (!page) return;
    this.#next = page.next;
    this.#take(page);
    await this.#fillScreen();
  }

  /** A page of what is chosen; null when something else was chosen meanwhile. */
  async #read(more = {}) {
    const asked = new URLSearchParams(choice()).toString();
    const page = await call(`/photos?${new URLSearchParams({ limit: PAGE, ...more })}${asked && `&${asked}`}`);
    return asked === new URLSearchParams(choice()).toString() ? page : null;
  }

  /** Reads on while the end of the shelf is near the screen: an observer tells only of changes, and once at its start. */
  async #fillScreen() {
    await drawn();
    this.#end.unobserve(find("more"));
    this.#end.observe(find("more"));
  }

  #take(page) {
    inFrame("tally", () => { find("tally").textContent = page.total_count ? `${number(page.total_count)} · ${number(page.total_size_mb)} MB` : ""; });
    inFrame("filters", () => offerFilters(page));
    for (const film of page.videos) this.#set(film);
    for (const origin of new Set(page.videos.map(originOf))) this.#place(origin);
    this.#drawRest();
  }

  #set(film) {
    const before = this.#films.get(film.task_id);
    if (before && before.status !== film.status && film.status === "done") say(t("{title} is ready.", { title: titleOf(film) }));
    if (!before) {
      const origin = originOf(film);
      this.#groups.set(origin, (this.#groups.get(origin) ?? new Set()).add(film.task_id));
    }
    this.#films.set(film.task_id, film);
    if (isOver(film)) this.#busy.delete(film.task_id);
    else this.#busy.add(film.task_id);
  }

  #forget(id) {
    const film = this.#films.get(id);
    if (!film) return;
    const origin = originOf(film);
    this.#groups.get(origin).delete(id);
    if (!this.#groups.get(origin).size) this.#groups.delete(origin);
    this.#films.delete(id);
    this.#busy.delete(id);
    this.#place(origin);
  }

  /** Reads one film anew; a new one takes its place at the top. */
  async add(id) {
    // The answer that is on its way may be older than this event: the film is read once more after it.
    if (this.#asked.has(id)) return void this.#stale.add(id);
    this.#asked.add(id);
    try {
      const film = await call(`/photos/${id}`);
      this.#set(film);
      this.#place(originOf(film));
    } catch (error) {
      if (error.status !== 404 && error.status !== 410) throw error;
      this.#forget(id);
    } finally {
      this.#asked.delete(id);
      this.#drawRest();
    }
    if (this.#stale.delete(id)) await this.add(id);
  }

  /** Takes in a live event; what it cannot tell is read anew, for that film alone. */
  hear(event) {
    const film = this.#films.get(event.task_id);
    if (!film) {
      if (!choice().length && !this.#removed.has(event.task_id)) this.add(event.task_id).catch(() => {});
      return;
    }
    const changed = film.status !== event.status || film.stage !== event.stage;
    const status = isOver(event) ? film.status : event.status;
    this.#films.set(film.task_id, { ...film, status, progress: event.progress, stage: event.stage, message: event.message });
    this.#place(originOf(film));
    this.#head();
    if (changed) this.add(film.task_id).catch(() => {});
  }

  /** The films of a group that are shown, the newest first. */
  #shown(origin) {
    const films = [...(this.#groups.get(origin) ?? [])].filter((id) => !this.#removed.has(id)).map((id) => this.#films.get(id));
    return films.length > 1 ? films.sort(newestFirst) : films;
  }

  #place(origin) {
    inFrame(origin, () => this.#draw(origin));
  }

  /** Draws a group's card, and puts it where its newest film belongs; only what has changed is touched. */
  #draw(origin) {
    const films = this.#shown(origin);
    if (!films.length) {
      this.#cards.get(origin)?.remove();
      this.#cards.delete(origin);
      return;
    }
    const card = this.#cards.get(origin) ?? newCard(find("card"));
    this.#cards.set(origin, card);
    if (card.films?.length !== films.length || card.films.some((film, index) => film !== films[index])) {
      card.films = films;
      fillCard(card, films, (act, film, button) => this.#act(act, film, button));
    }
    const isInOrder = (before, after) => !before || !after || newestFirst(before.films[0], after.films[0]) <= 0;
    if (card.isConnected && isInOrder(card.previousElementSibling, card) && isInOrder(card, card.nextElementSibling)) return;
    card.remove();
    const shelf = find("shelf");
    if (shelf.firstElementChild && !isInOrder(shelf.firstElementChild, card)) return void shelf.prepend(card);
    // Most cards come at the end, with an older page.
    let before = shelf.lastElementChild;
    while (before && !isInOrder(before, card)) before = before.previousElementSibling;
    if (before) before.after(card);
    else shelf.prepend(card);
  }

  #drawRest() {
    this.#empty(![...this.#groups.keys()].some((origin) => this.#shown(origin).length));
    this.#head();
  }

  #empty(isEmpty) {
    const isFiltered = choice().length > 0;
    find("empty").hidden = !isEmpty;
    find("empty-title").textContent = isFiltered ? t("No film matches.") : t("No films yet.");
    find("empty-hint").textContent = isFiltered
      ? t("Search looks at titles, captions and lyrics; try another word, or show all.")
      : t("Your first film will be here a minute after its photo.");
  }

  #head() {
    const busy = [...this.#busy].map((id) => this.#films.get(id).progress);
    const title = busy.length ? `${Math.min(...busy)} % · AuraTune` : "AuraTune";
    if (document.title !== title) document.title = title;
  }

  async #act(act, film, button) {
    if (act === "delete") return this.#remove(film);
    button.disabled = true;
    try {
      await call(`/photos/${film.task_id}/${act === "stop" ? "cancel" : "retry"}`, { method: "POST" });
    } catch (error) {
      say(error.message, true);
    }
    button.disabled = false;
    await this.add(film.task_id).catch(() => {});
  }

  /** Takes a film off the shelf; it is deleted when there is no undo any more. */
  #remove(film) {
    const id = film.task_id;
    const draw = () => { this.#place(originOf(film)); this.#drawRest(); };
    const putBack = () => { this.#removed.delete(id); draw(); };
    this.#removed.add(id);
    draw();
    sayWithUndo(
      t("{title} is deleted.", { title: titleOf(film) }),
      () => call(`/photos/${id}`, { method: "DELETE", keepalive: true }).then(() => this.#forget(id), (error) => { putBack(); say(error.message, true); }),
      putBack,
    );
  }
}

const newestFirst = (a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0);
