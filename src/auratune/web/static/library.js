// The shelf of films: those that are ready, those in the making, and those that went wrong.

import { call } from "/static/api.js";
import { canBeWatched, clock, isOver, stateOf, titleOf } from "/static/words.js";

const find = (id) => document.getElementById(id);

export class Library {
  #films = new Map();
  #cards = new Map();
  #next = null;
  #query = "";
  #asking = null;

  /** `onOpen` shows a film, `onNews` hears of every film that was read anew. */
  constructor(onOpen, onNews, say) {
    this.onOpen = onOpen;
    this.onNews = onNews;
    this.say = say;
    find("more").addEventListener("click", () => this.#more());
    let pause = 0;
    find("search").addEventListener("input", (event) => {
      clearTimeout(pause);
      pause = setTimeout(() => { this.#query = event.target.value.trim(); this.refresh(); }, 250);
    });
  }

  /** Reads the first page anew; calls that come while one is under way share the one after it. */
  async refresh() {
    if (this.#asking) {
      this.#asking.again = true;
      return this.#asking.promise;
    }
    this.#asking = { again: false };
    this.#asking.promise = (async () => {
      try {
        do {
          this.#asking.again = false;
          await this.#read();
        } while (this.#asking.again);
      } finally {
        this.#asking = null;
      }
    })();
    return this.#asking.promise;
  }

  async #read() {
    const query = this.#query ? `&q=${encodeURIComponent(this.#query)}` : "";
    const page = await call(`/photos?limit=50${query}`);
    const before = this.#films;
    this.#films = new Map(page.videos.map((film) => [film.task_id, film]));
    this.#next = page.next;
    for (const film of page.videos) {
      const old = before.get(film.task_id);
      if (old && old.status !== film.status && film.status === "done") this.say(`${titleOf(film)} is ready.`);
    }
    this.#draw();
    find("tally").textContent = page.total_count ? `${page.total_count} · ${page.total_size_mb.toFixed(0)} MB` : "";
    find("search").hidden = page.total_count < 6 && !this.#query;
  }

  async #more() {
    const query = this.#query ? `&q=${encodeURIComponent(this.#query)}` : "";
    const page = await call(`/photos?limit=50&cursor=${encodeURIComponent(this.#next)}${query}`);
    for (const film of page.videos) this.#films.set(film.task_id, film);
    this.#next = page.next;
    this.#draw();
  }

  /** Takes in a live event; what it cannot tell is read anew. */
  hear(event) {
    const film = this.#films.get(event.task_id);
    if (!film || film.status !== event.status || film.stage !== event.stage) {
      this.refresh().catch(() => {});
      if (!film) return;
    }
    Object.assign(film, { progress: event.progress, stage: event.stage, message: event.message });
    if (!isOver(event)) film.status = event.status;
    this.#fill(film);
    this.#head();
  }

  get(id) {
    return this.#films.get(id);
  }

  #draw() {
    const shelf = find("shelf");
    for (const [id, card] of this.#cards) {
      if (!this.#films.has(id)) { card.remove(); this.#cards.delete(id); }
    }
    let after = null;
    for (const film of this.#films.values()) {
      const card = this.#fill(film);
      this.onNews(film);
      const wanted = after ? after.nextElementSibling : shelf.firstElementChild;
      if (wanted !== card) shelf.insertBefore(card, wanted);
      after = card;
    }
    find("empty").hidden = this.#films.size > 0;
    find("empty").querySelector("p").firstChild.textContent =
      this.#query ? "No film answers to that." : "Nothing on the screen yet.";
    find("more").hidden = !this.#next;
    this.#head();
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
      card.querySelector(".still").addEventListener("click", () => this.onOpen(this.#films.get(film.task_id)));
      this.#cards.set(film.task_id, card);
    }
    const over = isOver(film);
    card.classList.toggle("busy", !over);
    card.classList.toggle("lost", over && film.status !== "done");
    const title = titleOf(film);
    set(card.querySelector("h3"), title);
    set(card.querySelector(".state"), stateOf(film));
    set(card.querySelector(".length"), film.duration_seconds ? clock(film.duration_seconds) : "");
    const still = card.querySelector(".still");
    still.disabled = film.status !== "done";
    still.setAttribute("aria-label", film.status === "done" ? `Play ${title}` : title);
    const picture = still.querySelector("img");
    const source = `${film.poster_url}?of=${film.status === "done" ? encodeURIComponent(film.modified_at) : "photo"}`;
    if (!picture.src.endsWith(source)) picture.src = source;
    const meter = card.querySelector(".meter");
    meter.hidden = over;
    meter.style.setProperty("--share", film.progress / 100);
    meter.setAttribute("aria-valuenow", film.progress);
    meter.setAttribute("aria-label", `Making ${title}`);
    this.#tools(card, film);
    return card;
  }

  #tools(card, film) {
    const box = card.querySelector(".tools");
    const wanted = film.status === "done" ? [] : isOver(film) ? ["Try again", "Delete"] : canBeWatched(film) ? ["Watch it being drawn", "Stop"] : ["Stop"];
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
    const film = this.#films.get(id);
    if (words === "Watch it being drawn") return this.onOpen(film);
    button.disabled = true;
    try {
      if (words === "Stop") await call(`/photos/${id}/cancel`, { method: "POST" });
      if (words === "Try again") await call(`/photos/${id}/retry`, { method: "POST" });
      if (words === "Delete") await call(`/photos/${id}`, { method: "DELETE" });
    } catch (error) {
      this.say(error.message, true);
    } finally {
      button.disabled = false;
      await this.refresh().catch(() => {});
    }
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
