// Joins the page's parts: sign-in, upload, library and live events.

import { listen } from "/static/events.js";
import { Library } from "/static/library.js";
import { say, setOffline } from "/static/notices.js";
import { signIn } from "/static/sign_in.js";
import { setUpUpload } from "/static/upload.js";

const find = (id) => document.getElementById(id);

async function start() {
  const signingIn = signIn();
  let library = null;
  setUpUpload(signingIn, async (answer) => {
    say(answer.duplicate ? "You had sent this photo before; here is its film." : "The photo is in. The film is on its way.");
    await library?.add(answer.task_id).catch(() => {});
  });
  await signingIn;
  library = new Library();
  const refresh = () => library.refresh().then(() => setOffline(false), (error) => setOffline(error.status === 0));
  await library.refresh();
  listen((event) => library.hear(event), refresh);
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  find("install").hidden = false;
  find("install").addEventListener("click", () => { event.prompt(); find("install").hidden = true; }, { once: true });
});

start().catch((error) => say(error.message, true));
