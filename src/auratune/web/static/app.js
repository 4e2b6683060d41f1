// Joins the page's parts: sign-in, upload, library and live events.

import { call } from "/static/api.js";
import { listen } from "/static/events.js";
import { t } from "/static/language.js";
import { say, setOffline } from "/static/notices.js";
import { signIn } from "/static/sign_in.js";
import { setUpUpload } from "/static/upload.js";

const find = (id) => document.getElementById(id);

/** The library's own files are loaded once there is a film. */
async function openLibrary(looks) {
  const { Library } = await import("/static/library.js");
  const library = new Library(looks);
  await library.open();
  return library;
}

async function start() {
  const signingIn = signIn();
  let opening = null;
  const open = () => (opening ??= signingIn.then(({ looks }) => openLibrary(looks)).catch((error) => { opening = null; throw error; }));
  setUpUpload(signingIn, async (answer) => {
    say(answer.duplicate ? t("You had sent this photo before; here is its film.") : t("The photo is in. The film is on its way."));
    await open().then((library) => library.add(answer.task_id)).catch(() => {});
  });
  await signingIn;
  if (location.search || (await call("/photos?limit=1")).total_count) await open();
  else find("empty").hidden = false;
  const refresh = async () => {
    if (opening) await (await opening).refresh();
    else if ((await call("/photos?limit=1")).total_count) await open();
  };
  listen(
    (event) => open().then((library) => library.hear(event)).catch(() => {}),
    () => refresh().then(() => setOffline(false), (error) => setOffline(error.status === 0)),
  );
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  find("install").hidden = false;
  find("install").addEventListener("click", () => { event.prompt(); find("install").hidden = true; }, { once: true });
});

start().catch((error) => say(error.message, true));
