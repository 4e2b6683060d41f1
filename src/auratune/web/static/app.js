// Joins the page's parts: the door, the maker, the library, the theatre, and live events.

import { enter } from "/static/door.js";
import { listen } from "/static/events.js";
import { Library } from "/static/library.js";
import { setUpMaker } from "/static/maker.js";
import { setUpTheatre } from "/static/theatre.js";

const find = (id) => document.getElementById(id);

/** Says it to the eye, above an open dialog too, and to screen readers. */
function say(words, isFault = false) {
  const toast = find("toast");
  find("said").textContent = toast.textContent = words;
  toast.classList.toggle("bad", isFault);
  toast.hidePopover?.();
  toast.showPopover?.();
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { toast.hidePopover?.(); toast.textContent = ""; }, 5000);
}

async function start() {
  const entering = enter();
  let library;
  setUpMaker(entering, async (answer) => {
    await library.refresh().catch(() => {});
    say(answer.duplicate ? "You had sent this photo before; here is its film." : "The photo is in. The film is on its way.");
    find("library").scrollIntoView();
  });
  const session = await entering;
  const theatre = setUpTheatre(session, () => library.refresh().catch(() => {}), say);
  library = new Library(theatre.open, theatre.hear, say);
  const refresh = () => library.refresh().catch((error) => say(error.message, true));
  await refresh();
  listen((event) => library.hear(event), refresh);
}

start().catch((error) => say(error.message, true));
