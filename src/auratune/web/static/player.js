// Where a film is watched, shared, kept, remade and thrown away.

import { call } from "/static/api.js";
import { looks, picked, shapes } from "/static/choices.js";
import { factsOf, titleOf } from "/static/words.js";

const find = (id) => document.getElementById(id);

export function setUpPlayer(session, onChange, say) {
  const theatre = find("theatre");
  const video = find("video");
  let film = null;
  let sure = 0;

  looks(find("remake-looks"), session.looks, "remake-look");
  shapes(find("remake-aspects"), session.aspects, "remake-aspect");

  function open(shown) {
    film = { ...shown };
    describe();
    find("remake-form").hidden = find("link").hidden = true;
    find("remake").setAttribute("aria-expanded", "false");
    calm();
    offerWords();
    video.poster = film.poster_url;
    video.src = film.status === "done" ? film.download_url : `/photos/${film.task_id}/preview`;
    theatre.showModal();
    // Browsers may refuse to start with sound; then the big button is there.
    video.play().catch(() => {});
  }

  /** A film that is watched while it is drawn goes on as the finished one, at the same place. */
  function hear(news) {
    if (!theatre.open || news.task_id !== film?.task_id || news.status === film.status) return;
    const wasDrawn = film.status !== "done" && news.status === "done";
    film = { ...news };
    describe();
    if (!wasDrawn) return;
    offerWords();
    const at = video.ended ? 0 : video.currentTime;
    const goesOn = !video.paused || video.error || !at;
    video.src = film.download_url;
    video.currentTime = at;
    if (goesOn) video.play().catch(() => {});
  }

  function describe() {
    const done = film.status === "done";
    find("now-title").textContent = titleOf(film);
    find("now-facts").textContent = done ? factsOf(film) : "You are watching it being drawn.";
    find("now-caption").textContent = film.caption;
    find("now-lyrics").textContent = film.lyrics;
    find("now-notices").textContent = film.notices.join(" ");
    find("now-notices").hidden = !film.notices.length;
    find("now-actions").hidden = !done;
    find("download").href = `${film.download_url}?attachment=1`;
  }

  /** The lyrics as captions to switch on, for films that do not show them. */
  function offerWords() {
    const words = document.createElement("track");
    Object.assign(words, { kind: "captions", label: "Lyrics", src: `/photos/${film.task_id}/captions.vtt` });
    video.replaceChildren(...(film.status === "done" && film.lyrics ? [words] : []));
  }

  function close() {
    theatre.close();
  }

  function calm() {
    sure = 0;
    find("delete").textContent = "Delete";
    find("delete").classList.remove("sure");
  }

  theatre.addEventListener("close", () => {
    video.pause();
    video.removeAttribute("src");
    video.load();
    history.replaceState(null, "", location.pathname);
  });
  // A click beside the theatre closes it.
  theatre.addEventListener("click", (event) => { if (event.target === theatre) close(); });
  find("close").addEventListener("click", close);

  find("share").addEventListener("click", async () => {
    try {
      const { url, expires_at: until } = await call(`/photos/${film.task_id}/share`, { method: "POST" });
      find("link-text").value = url;
      find("link").hidden = false;
      const end = new Date(until).toLocaleDateString("en", { month: "long", day: "numeric" });
      const copied = await copy(url);
      find("link-note").textContent = `${copied ? "Copied. " : ""}Whoever has this link can watch until ${end}.`;
      find("link-text").select();
    } catch (error) {
      say(error.message, true);
    }
  });

  find("remake").addEventListener("click", () => {
    const form = find("remake-form");
    form.hidden = !form.hidden;
    find("remake").setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) form.querySelector("input:checked").focus();
  });
  find("remake-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const wishes = { style: picked(find("remake-looks")), aspect: picked(find("remake-aspects")) };
      await call(`/photos/${film.task_id}/remake`, { method: "POST", json: wishes });
      close();
      say("Another film of it is on its way.");
      onChange();
    } catch (error) {
      say(error.message, true);
    }
  });

  find("delete").addEventListener("click", async () => {
    if (!sure) {
      find("delete").textContent = "Delete for good?";
      find("delete").classList.add("sure");
      sure = setTimeout(calm, 4000);
      return;
    }
    clearTimeout(sure);
    try {
      await call(`/photos/${film.task_id}`, { method: "DELETE" });
      close();
      say("The film is gone.");
      onChange();
    } catch (error) {
      say(error.message, true);
    }
  });

  return { open, hear };
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
