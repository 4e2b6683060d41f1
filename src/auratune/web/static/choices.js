// Rows of round choices: looks and shapes, for a new film and for a remake.

import { t } from "/static/language.js";
import { plain } from "/static/words.js";

const SHAPES = { source: t("As the photo"), "16:9": "16:9", "9:16": "9:16", "1:1": "1:1" };

/** `pictureOf` gives the address of the photo in a look, where there is one to show. */
export function looks(box, names, group, pictureOf) {
  box.replaceChildren(chip(group, "", t("As it feels"), "look"), ...names.map((name) => chip(group, name, plain(name), "look")));
  for (const label of pictureOf ? box.children : []) {
    const look = label.dataset.look;
    const picture = Object.assign(document.createElement("img"), { alt: "", loading: "lazy", width: 96, height: 96 });
    if (look) picture.src = pictureOf(look);
    if (look) label.querySelector("span").prepend(picture);
  }
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
