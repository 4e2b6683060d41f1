// The page of one film: how it is made while it is made, then the player. Also what a share link opens.

import { call } from "/static/api.js";
import { looks, picked, shapes } from "/static/choices.js";
import { listen } from "/static/events.js";
import { t, told } from "/static/language.js";
import { drawBeats, drawMaking } from "/static/making.js";
import { say, sayWithUndo, setOffline } from "/static/notices.js";
import { setUpPlayer } from "/static/player.js";
import { setUpShares } from "/static/shares.js";
import { signIn } from "/static/sign_in.js";
import { showVersions } from "/static/versions.js";
import { canBeRetried, canBeWatched, factsOf, isOver, left, maker, stateOf, titleOf, waitsForSong } from "/static/words.js";

const REFRESH_MILLISECONDS = 5000;
const FIRST_CUT_MILLISECONDS = 2000;
const find = (id) => document.getElementById(id);
const root = find("film");
const api = root.dataset.api;
const isShared = "shared" in root.dataset;
const video = find("video");
const player = setUpPlayer();
let film = null;
let shown = "";
let eta = null;
let isGone = false;

async function refresh() {
  if (isGone) return;
  try {
    film = await call(isShared ? `${api}/film` : api);
    if (film.status === "expired") { gone(t("This film was removed after its time; send the photo again.")); return; }
    setOffline(false);
    draw();
  } catch (error) {
    if (error.status === 0) setOffline(true);
    else gone(error.message);
  }
}

function gone(words) {
  isGone = true;
  find("screen").hidden = find("making").hidden = find("actions").hidden = true;
  find("fault").textContent = words;
  find("fault").hidden = false;
  find("title").textContent = t("This film is not showing.");
}

function hear(event) {
  if (!film || event.task_id !== film.task_id) return;
  // A first cut comes with a message, in whatever stage the film is.
  const changed = film.status !== event.status || film.stage !== event.stage || film.message !== event.message;
  Object.assign(film, { progress: event.progress, message: event.message });
  if (changed) refresh();
  else draw();
}

function draw() {
  const done = film.status === "done";
  const over = isOver(film);
  find("title").textContent = titleOf(film);
  document.title = over ? `${titleOf(film)} · AuraTune` : `${film.progress} % · AuraTune`;
  find("facts").textContent = done ? factsOf(film) : "";
  find("caption").textContent = film.caption;
  find("notices").textContent = film.notices.map(told).join(" ");
  find("notices").hidden = !film.notices.length;
  find("making").hidden = done;
  find("actions").hidden = !over;
  for (const id of ["download", "share", "remake"]) if (find(id)) find(id).hidden = id !== "share" && !done;
  if (find("music-form")) find("music-form").hidden = !done;
  if (find("retry")) find("retry").hidden = !canBeRetried(film);
  find("state").textContent = stateOf(film);
  find("message").textContent = over ? "" : told(film.message);
  find("state").classList.toggle("bad", film.status === "error");
  find("meter").hidden = find("steps").hidden = over;
  find("meter").style.setProperty("--share", film.progress / 100);
  find("meter").setAttribute("aria-valuenow", film.progress);
  find("cancel").hidden = over || isShared;
  find("cancel").textContent = film.first_cut ? t("Keep this film") : t("Stop");
  eta = over ? null : film.eta_seconds;
  find("eta").textContent = left(eta);
  if (!done) {
    drawMaking(film);
    drawBeats(film);
    find("lyrics").hidden = !film.lyrics;
    find("lyrics").replaceChildren(...(film.lyrics || "").split("\n").map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }
  show();
}

/** Puts the photo, the growing film, a first cut or the finished film on the screen. */
function show() {
  const drawn = canBeWatched(film) || (waitsForSong(film) && film.preview_url);
  const next = film.status === "done" ? "film" : film.first_cut ? "first-cut" : drawn ? "preview" : "photo";
  const photo = find("photo");
  if (!photo.getAttribute("src")) photo.src = film.poster_url;
  if (next === shown) return;
  const was = shown;
  shown = next;
  video.hidden = next === "photo";
  find("board").classList.toggle("beside", next === "preview" || next === "first-cut");
  find("board").hidden = next === "film";
  if (next === "film") player.describe(film, api, isShared);
  if (next === "photo") { video.removeAttribute("src"); return; }
  // A film that is watched while it is rendered goes on as the finished one, at the same place; a first cut's successor
  // is another film, with other music, and begins anew.
  const at = was === "preview" && !video.ended ? video.currentTime : 0;
  video.poster = film.poster_url;
  // A first cut has the film's address; another name for it keeps browsers from mixing the two.
  video.src = next === "film" ? film.download_url : next === "first-cut" ? `${film.download_url}?first-cut` : `${api}/preview`;
  video.currentTime = at;
  if (next === "film" && film.lyrics) {
    const track = document.createElement("track");
    Object.assign(track, { kind: "captions", label: t("Lyrics"), src: film.captions_url ?? `${api}/captions.vtt` });
    video.replaceChildren(track);
  }
  // Browsers may refuse to start with sound; then the controls are there.
  if (next !== "film" || was) video.play().catch(() => {});
}

function setUpActions(session) {
  setUpShares(api);
  looks(find("remake-looks"), session.looks, "remake-look", (look) => `${api}/looks/${look}`);
  shapes(find("remake-aspects"), session.aspects, "remake-aspect");
  find("composers").append(...session.composers.map((name) => new Option(maker(name), name)));

  const act = (id, event, work) => find(id).addEventListener(event, async (happened) => {
    happened.preventDefault();
    await Promise.resolve(work(happened)).catch((error) => say(error.message, true));
  });
  act("cancel", "click", async () => { await call(`${api}/cancel`, { method: "POST" }); await refresh(); });
  act("retry", "click", async () => { await call(`${api}/retry`, { method: "POST" }); await refresh(); });
  act("remake", "click", () => {
    const form = find("remake-form");
    form.hidden = !form.hidden;
    find("remake").setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) form.querySelector("input:checked").focus();
  });
  act("remake-form", "submit", async () => {
    const json = { style: picked(find("remake-looks")), aspect: picked(find("remake-aspects")), captions: find("remake-captions").value };
    const answer = await call(`${api}/remake`, { method: "POST", json });
    location.href = `/films/${answer.task_id}`;
  });
  act("music-form", "submit", async () => {
    await call(`${api}/retry`, { method: "POST", json: { music: find("composers").value } });
    await refresh();
  });
  act("delete", "click", () => {
    find("actions").hidden = true;
    sayWithUndo(
      t("The film is deleted."),
      () => call(api, { method: "DELETE", keepalive: true }).then(() => { location.href = "/app"; }, (error) => say(error.message, true)),
      () => { find("actions").hidden = false; },
    );
  });
}

video.addEventListener("error", async () => {
  if (shown !== "film" || !video.getAttribute("src")) return;
  const answer = await fetch(`${film.download_url}?attachment=1`, { headers: { range: "bytes=0-0", accept: "application/json" } }).catch(() => null);
  if (answer && !answer.ok) gone(told((await answer.json().catch(() => null))?.detail) || t("This film cannot be played."));
});

async function start() {
  if (!isShared) setUpActions(await signIn());
  find("photo").addEventListener("load", () => film && drawMaking(film));
  find("photo").addEventListener("error", () => find("board").classList.add("blank"));
  await refresh();
  if (isGone) return;
  if (!isShared) {
    listen(hear, refresh);
    showVersions(film).catch((error) => say(error.message, true));
  } else if (!isOver(film)) {
    const source = new EventSource(`${api}/events`);
    source.onmessage = (message) => { hear(JSON.parse(message.data)); if (isOver(film)) source.close(); };
  }
  // A first cut begins to be drawn without an event.
  setInterval(() => { if (waitsForSong(film) && !film.first_cut && !film.preview_url && !document.hidden) refresh(); }, FIRST_CUT_MILLISECONDS);
  setInterval(() => { if (!isOver(film) && !document.hidden) refresh(); }, REFRESH_MILLISECONDS);
  setInterval(() => { if (eta !== null) { eta = Math.max(0, eta - 1); find("eta").textContent = left(eta); } }, 1000);
}

start().catch((error) => say(error.message, true));
