// The page's words for what the service says in codes.

const STAGES = {
  queued: "Waiting for its turn",
  observe: "Looking at your photo",
  write: "Writing the words",
  order: "Asking for the music",
  compose: "Composing the music",
  listen: "Listening for the beat",
  plan: "Planning the shots",
  render: "Drawing the film",
  finished: "Ready",
};
const MAKERS = {
  embedded: "AuraTune", claude: "Claude", openai: "OpenAI", suno: "Suno", elevenlabs: "ElevenLabs", lyria: "Lyria",
  acestep: "ACE-Step", you: "you",
};

export const maker = (name) => MAKERS[name] ?? plain(name);

/** The stages in their order, for people. */
export const STEPS = Object.entries(STAGES).filter(([stage]) => !["queued", "finished"].includes(stage));

export const isOver = (film) => ["done", "error", "cancelled", "expired"].includes(film.status);

/** Whether a vendor's song is waited for, in which time there may be a first cut. */
export const waitsForSong = (film) => ["order", "compose"].includes(film.stage) && !isOver(film);

/** Whether its first pictures are there; the stage begins a moment earlier. */
export const canBeWatched = (film) => film.stage === "render" && !isOver(film) && film.progress > 45;

/** A name such as `teal-night` for people. */
export const plain = (name) => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("-", " ");

export function stateOf(film) {
  if (film.status === "done") return ago(film.created_at);
  if (film.status === "error") return film.error_message || "This film could not be made.";
  if (film.status === "cancelled") return "Stopped";
  if (film.status === "expired") return "Removed after its time";
  const stage = film.status === "merging" ? "Joining sound and picture" : (STAGES[film.stage] ?? plain(film.stage));
  return `${stage} · ${film.progress} %`;
}

export function titleOf(film) {
  return film.title || (isOver(film) && film.filename ? film.filename.replace(/\.mp4$/, "") : "A film in the making");
}

export function factsOf(film) {
  const facts = [];
  if (film.duration_seconds) facts.push(`${Math.round(film.duration_seconds)} s`);
  if (film.width) facts.push(`${film.width} × ${film.height}`);
  if (film.file_size) facts.push(`${film.file_size_mb.toFixed(1)} MB`);
  if (film.words_by) facts.push(film.words_by === film.music_by
    ? `words and music by ${maker(film.words_by)}`
    : `words by ${maker(film.words_by)}, music by ${maker(film.music_by)}`);
  return facts.join(" · ");
}

/** What a screen reader says of a film's card. */
export function nameOf(film) {
  if (film.status === "done") return `Play ${titleOf(film)}`;
  return isOver(film) ? `${titleOf(film)}: ${stateOf(film)}` : `Watch ${titleOf(film)} being made`;
}

/** Time that is left, as people say it. */
export function left(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 5) return "A few seconds left";
  if (seconds < 90) return `About ${Math.ceil(seconds / 5) * 5} seconds left`;
  return `About ${Math.round(seconds / 60)} minutes left`;
}

export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function ago(time) {
  const seconds = (Date.now() - new Date(time)) / 1000;
  const format = new Intl.RelativeTimeFormat(navigator.language, { numeric: "auto" });
  if (seconds < 60) return "just now";
  if (seconds < 3600) return format.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86400) return format.format(-Math.round(seconds / 3600), "hour");
  if (seconds < 30 * 86400) return format.format(-Math.round(seconds / 86400), "day");
  return new Date(time).toLocaleDateString(navigator.language, { year: "numeric", month: "short", day: "numeric" });
}
