// Playing a finished film: lyrics that follow and seek, chapters, keys of the system, and files to keep.

import { drawBeats, movePlayhead } from "/static/making.js";
import { t } from "/static/language.js";
import { clock, maker, plain, titleOf } from "/static/words.js";

const find = (id) => document.getElementById(id);
const FILES = [["soundtrack", "MP3"], ["lyrics.lrc", "LRC"], ["captions.vtt", "VTT"], ["poster", t("Poster")]];
const PURPOSES = { words: t("words"), music: t("music") };
const STATES = { intent: t("outcome not known"), done: t("done"), refused: t("refused") };

export function setUpPlayer() {
  const video = find("video");
  let lines = [];
  let length = 1;

  function seek(seconds) {
    video.currentTime = seconds;
    video.play().catch(() => {});
  }

  /** Shows a film's words and times; once for each film. */
  function describe(film, api, isShared) {
    length = film.duration_seconds ?? film.beats?.length_seconds ?? 1;
    showLyrics(film);
    showChapters(film);
    drawBeats(film, seek);
    offerFiles(film, api, isShared);
    showReceipt(film);
    if ("mediaSession" in navigator) {
      const artwork = [{ src: film.poster_url, type: "image/jpeg" }];
      navigator.mediaSession.metadata = new MediaMetadata({ title: titleOf(film), artist: "AuraTune", artwork });
      navigator.mediaSession.setActionHandler("seekto", ({ seekTime }) => { video.currentTime = seekTime; });
    }
  }

  function showLyrics(film) {
    const board = film.storyboard;
    const timed = (board?.captions ?? []).filter((cue) => cue.role === "lyric");
    lines = [];
    const list = find("lyrics");
    list.hidden = !film.lyrics;
    if (!timed.length) {
      list.replaceChildren(...(film.lyrics || "").split("\n").map((text) => Object.assign(document.createElement("li"), { textContent: text })));
      return;
    }
    list.replaceChildren(...timed.map((cue) => {
      const item = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: cue.text });
      const start = cue.first_frame / board.fps;
      button.addEventListener("click", () => seek(start));
      item.append(button);
      lines.push({ item, start, end: cue.end_frame / board.fps });
      return item;
    }));
  }

  function showChapters(film) {
    const sections = film.beats?.sections ?? [];
    find("chapters").hidden = sections.length < 2;
    find("chapters").replaceChildren(...sections.map((part) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "chapter" });
      button.textContent = `${clock(part.start_seconds)} ${plain(part.name)}`;
      button.addEventListener("click", () => seek(part.start_seconds));
      return button;
    }));
  }

  function offerFiles(film, api, isShared) {
    find("download").href = `${film.download_url}?attachment=1`;
    find("files").hidden = isShared;
    if (isShared) return;
    const links = FILES.filter(([name]) => film.lyrics || !/lrc|vtt/.test(name)).map(([name, words]) => {
      return Object.assign(document.createElement("a"), { href: `${api}/${name}?attachment=1`, textContent: words, download: "" });
    });
    find("files").replaceChildren(t("Also as"), " ", ...links.flatMap((link, index) => (index ? [" · ", link] : [link])));
  }

  function showReceipt(film) {
    const calls = film.receipt ?? [];
    const lines = [t("Words by {maker}", { maker: maker(film.words_by) }), t("Music by {maker}", { maker: maker(film.music_by) })];
    for (const call of calls) {
      const units = Object.entries(call.units).map(([name, amount]) => `${amount} ${name.replaceAll("_", " ")}`).join(", ");
      lines.push(`${maker(call.vendor)}, ${PURPOSES[call.purpose] ?? call.purpose}: ${STATES[call.state] ?? call.state}${units ? ` (${units})` : ""}`);
    }
    if (!calls.length) lines.push(t("No vendor was paid."));
    find("receipt").hidden = !film.words_by;
    find("receipt-lines").replaceChildren(...lines.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }

  video.addEventListener("timeupdate", () => {
    movePlayhead(video.currentTime, length);
    for (const { item, start, end } of lines) {
      const isNow = video.currentTime >= start && video.currentTime < end;
      if (item.classList.contains("now") !== isNow) {
        item.classList.toggle("now", isNow);
        if (isNow) item.scrollIntoView({ block: "nearest" });
      }
    }
  });

  return { describe };
}
