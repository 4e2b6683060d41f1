// How a film is made, as far as it is known: palette, mood, steps, storyboard over the photo, and beats.

import { number, t } from "/static/language.js";
import { STEPS } from "/static/words.js";

const SVG = "http://www.w3.org/2000/svg";
const find = (id) => document.getElementById(id);

export function drawMaking(film) {
  drawSteps(film);
  drawPalette(film.scene);
  drawFrames(film);
}

function drawSteps(film) {
  const now = STEPS.findIndex(([stage]) => stage === film.stage);
  find("steps").replaceChildren(...STEPS.map(([stage, words], index) => {
    const seconds = film.timings?.[stage];
    const item = document.createElement("li");
    item.textContent = seconds ? `${words} · ${number(seconds, 1)} s` : words;
    item.className = index < now ? "past" : index === now ? "now" : "";
    if (index === now) item.setAttribute("aria-current", "step");
    return item;
  }));
}

function drawPalette(scene) {
  const colours = scene?.palette ?? [];
  find("palette").hidden = !colours.length;
  find("palette").replaceChildren(...colours.map(({ red, green, blue, share }) => {
    const swatch = document.createElement("i");
    swatch.style.background = `rgb(${red} ${green} ${blue})`;
    swatch.style.flexGrow = Math.max(0.05, share);
    return swatch;
  }));
  find("palette").setAttribute("aria-label", t("The photo's palette: {count} colours", { count: colours.length }));
  const mood = scene?.mood;
  if (!mood) return;
  const feeling = mood.valence > 0.25 ? t("bright") : mood.valence < -0.25 ? t("dark") : t("balanced");
  const pace = mood.arousal > 0.25 ? t("lively") : mood.arousal < -0.25 ? t("calm") : t("steady");
  find("mood").textContent = t("Mood: {feeling} and {pace}", { feeling, pace });
}

/** The windows of the storyboard's shots, drawn over the photo: where each begins, and dashed where it ends. */
function drawFrames({ storyboard, status }) {
  const photo = find("photo");
  const frames = find("frames");
  const [width, height] = [photo.naturalWidth, photo.naturalHeight];
  frames.replaceChildren();
  if (!storyboard || !width || status === "done") return;
  frames.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const aspect = storyboard.width_px / storyboard.height_px;
  storyboard.shots.forEach(({ move }, index) => {
    for (const [framing, kind] of [[move.start, "start"], [move.end, "end"]]) {
      const w = framing.width * width;
      const h = w / aspect;
      const [x, y] = [framing.centre_x * width - w / 2, framing.centre_y * height - h / 2];
      frames.append(shape("rect", { x, y, width: w, height: h, class: kind, "stroke-width": width / 400 }));
      if (kind !== "start") continue;
      const label = shape("text", { x: x + width / 100, y: y + width / 26, "font-size": width / 30 });
      label.textContent = index + 1;
      frames.append(label);
    }
  });
}

/** Beats, bars, sections and cuts on a line; `onSeek` is told the time that was pointed at. */
export function drawBeats(film, onSeek) {
  const { beats, storyboard } = film;
  const line = find("beats");
  line.toggleAttribute("hidden", !beats?.beats?.length);
  if (!beats?.beats?.length) return;
  const length = beats.length_seconds;
  const x = (seconds) => (seconds / length) * 1000;
  line.setAttribute("viewBox", "0 0 1000 60");
  line.setAttribute("preserveAspectRatio", "none");
  const bars = new Set(beats.downbeats);
  line.replaceChildren(
    ...beats.sections.map((part, index) => shape("rect", {
      x: x(part.start_seconds), y: 0, width: x(part.end_seconds - part.start_seconds), height: 60, class: `part part-${index % 2}`,
    })),
    ...beats.beats.map((beat) => shape("line", {
      x1: x(beat), x2: x(beat), y1: bars.has(beat) ? 22 : 38, y2: 60, class: bars.has(beat) ? "bar-mark" : "beat-mark",
    })),
    ...(storyboard?.shots ?? []).map((shot) => shape("circle", { cx: x(shot.first_frame / storyboard.fps), cy: 10, r: 4, class: "cut-mark" })),
    shape("rect", { x: 0, y: 0, width: 3, height: 60, class: "playhead" }),
  );
  line.onclick = (event) => onSeek?.((event.offsetX / line.clientWidth) * length);
}

export function movePlayhead(seconds, length) {
  find("beats").querySelector(".playhead")?.setAttribute("x", (seconds / length) * 1000);
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
