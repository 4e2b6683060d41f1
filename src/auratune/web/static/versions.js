// The other films that were made from the same photo and song.

import { call } from "/static/api.js";
import { showPicture } from "/static/card.js";
import { nameOf, plain } from "/static/words.js";

const find = (id) => document.getElementById(id);

export async function showVersions(film) {
  const { videos } = await call(`/photos?limit=50&origin=${film.made_from ?? film.task_id}`);
  const others = videos.filter((each) => each.task_id !== film.task_id);
  find("versions").hidden = !others.length;
  find("versions-list").replaceChildren(...others.map((other) => {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: `/films/${other.task_id}` });
    link.setAttribute("aria-label", nameOf(other));
    const picture = Object.assign(document.createElement("img"), { alt: "", width: 64, height: 80 });
    showPicture(picture, other, [160]);
    link.append(picture, Object.assign(document.createElement("span"), { className: "fine", textContent: plain(other.style || "natural") }));
    item.append(link);
    return item;
  }));
}
