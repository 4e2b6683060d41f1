// Rows of round choices: looks and shapes, for a new film and for a remake.

import { plain } from "/static/words.js";

const SHAPES = { source: "As the photo", "16:9": "16:9", "9:16": "9:16", "1:1": "1:1" };

export function looks(box, names, group) {
  box.replaceChildren(chip(group, "", "As it feels", "look"), ...names.map((name) => chip(group, name, plain(name), "look")));
  box.querySelector("input").checked = true;
}

export function shapes(box, names, group) {
  box.replaceChildren(...names.map((name) => chip(group, name, SHAPES[name] ?? name, "shape")));
  box.querySelector("input").checked = true;
}

export const picked = (box) => box.querySelector("input:checked")?.value ?? "";

function chip(group, value, words, kind) {
  const label = document.createElement("label");
  label.className = "chip";
  label.dataset[kind] = value;
  const input = Object.assign(document.createElement("input"), { type: "radio", name: group, value });
  const text = document.createElement("span");
  text.textContent = words;
  label.append(input, text);
  return label;
}
