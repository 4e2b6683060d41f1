// Joins the page's parts: sign-in, upload, library, player and live events.

import { signIn } from "/static/sign_in.js";
import { listen } from "/static/events.js";
import { Library } from "/static/library.js";
import { setUpUpload } from "/static/upload.js";
import { setUpPlayer } from "/static/player.js";

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
  const entering = signIn();
  let library;
  setUpUpload(entering, async (answer) => {
    await library.refresh().catch(() => {});
    say(answer.duplicate ? "You had sent this photo before; here is its film." : "The photo is in. The film is on its way.");
    find("library").scrollIntoView();
  });
  const session = await entering;
  const player = setUpPlayer(session, () => library.refresh().catch(() => {}), say);
  library = new Library(player.open, player.hear, say);
  const refresh = () => library.refresh().catch((error) => say(error.message, true));
  await refresh();
  listen((event) => library.hear(event), refresh);
}

start().catch((error) => say(error.message, true));
