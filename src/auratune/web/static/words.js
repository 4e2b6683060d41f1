// The page's words for what the service says in codes.

import { locale, number, t, told } from "/static/language.js";

const STAGES = {
  queued: t("Waiting for its turn"),
  observe: t("Looking at your photo"),
  write: t("Writing the words"),
  order: t("Asking for the music"),
  compose: t("Composing the music"),
  listen: t("Listening for the beat"),
  plan: t("Planning the shots"),
  render: t("Drawing the film"),
  finished: t("Ready"),
};
const MAKERS = {
  embedded: "AuraTune", claude: "Claude", openai: "OpenAI", suno: "Suno", elevenlabs: "ElevenLabs", lyria: "Lyria",
  acestep: "ACE-Step", you: t("you"),
};
/** Names of looks, sections and music styles, for other languages to translate; the page makes English of the code. */
const NAMES = {
  natural: t("Natural"), golden: t("Golden"), noir: t("Noir"), "teal-night": t("Teal night"), pastel: t("Pastel"),
  "film-print": t("Film print"), "bleach-bypass": t("Bleach bypass"), infrared: t("Infrared"), "super-8": t("Super 8"),
  vivid: t("Vivid"), intro: t("Intro"), verse: t("Verse"), chorus: t("Chorus"), bridge: t("Bridge"), outro: t("Outro"),
};

export const maker = (name) => MAKERS[name] ?? plain(name);

/** All vendors, for a choice. */
export const VENDORS = Object.keys(MAKERS);

/** The stages in their order, for people. */
export const STEPS = Object.entries(STAGES).filter(([stage]) => !["queued", "finished"].includes(stage));

export const isOver = (film) => ["done", "error", "cancelled", "expired"].includes(film.status);

/** Whether a failed or stopped film may come out another time. */
export const canBeRetried = (film) => film.status === "cancelled" || (film.status === "error" && film.retryable);

/** Whether a vendor's song is waited for, in which time there may be a first cut. */
export const waitsForSong = (film) => ["order", "compose"].includes(film.stage) && !isOver(film);

/** Whether its first pictures are there; the stage begins a moment earlier. */
export const canBeWatched = (film) => film.stage === "render" && !isOver(film) && film.progress > 45;

/** A name such as `teal-night` for people. */
export const plain = (name) => NAMES[name] ?? (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("-", " ");

export function stateOf(film) {
  if (film.status === "done") return ago(film.created_at);
  if (film.status === "error") return told(film.error_message) || t("This film could not be made.");
  if (film.status === "cancelled") return t("Stopped");
  if (film.status === "expired") return t("Removed after its time");
  const stage = film.status === "merging" ? t("Joining sound and picture") : (STAGES[film.stage] ?? plain(film.stage));
  return `${stage} · ${film.progress} %`;
}

export function titleOf(film) {
  return film.title || (isOver(film) && film.filename ? film.filename.replace(/\.mp4$/, "") : t("A film in the making"));
}

export function factsOf(film) {
  const facts = [];
  if (film.duration_seconds) facts.push(`${number(film.duration_seconds)} s`);
  if (film.width) facts.push(`${film.width} × ${film.height}`);
  if (film.file_size) facts.push(`${number(film.file_size_mb, 1)} MB`);
  if (film.words_by) facts.push(film.words_by === film.music_by
    ? t("words and music by {maker}", { maker: maker(film.words_by) })
    : t("words by {writer}, music by {composer}", { writer: maker(film.words_by), composer: maker(film.music_by) }));
  return facts.join(" · ");
}

/** What a screen reader says of a film's card. */
export function nameOf(film) {
  if (film.status === "done") return t("Play {title}", { title: titleOf(film) });
  return isOver(film) ? `${titleOf(film)}: ${stateOf(film)}` : t("Watch {title} being made", { title: titleOf(film) });
}

/** Time that is left, as people say it. */
export function left(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 5) return t("A few seconds left");
  if (seconds < 90) return t("About {count} seconds left", { count: Math.ceil(seconds / 5) * 5 });
  return t("About {count} minutes left", { count: Math.round(seconds / 60) });
}

export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Made once, and only when there is a time to tell: a formatter takes longer to make than to use.
let relative = null;
let date = null;

function inThePast(count, unit) {
  relative ??= new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return relative.format(-Math.round(count), unit);
}

export function ago(time) {
  const seconds = (Date.now() - new Date(time)) / 1000;
  if (seconds < 60) return t("just now");
  if (seconds < 3600) return inThePast(seconds / 60, "minute");
  if (seconds < 86400) return inThePast(seconds / 3600, "hour");
  if (seconds < 30 * 86400) return inThePast(seconds / 86400, "day");
  date ??= new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric" });
  return date.format(new Date(time));
}
