// Choosing a photo and what to make of it.

import { send } from "/static/api.js";
import { looks, picked, shapes } from "/static/choices.js";
import { plain } from "/static/words.js";

const LONGEST_EDGE = 4000;
const find = (id) => document.getElementById(id);

/** Ready for a photo at once; `entering` is the promise of the session, which a photo given early waits for. */
export function setUpUpload(entering, onSent) {
  const finder = find("finder");
  const file = find("file");
  let photo = null;

  function offer(session) {
    looks(find("looks"), session.looks, "look");
    shapes(find("aspects"), session.aspects, "aspect");
    find("music-styles").append(
      ...session.music_styles.map((name) => new Option(plain(name), name)),
    );
  }
  // Without a session there is nothing to offer; the page itself says why.
  entering.then(offer, () => {});

  function complain(words) {
    find("fault").textContent = words;
    find("fault").hidden = !words;
  }

  async function take(given) {
    complain("");
    if (!given) return;
    if (given.type && !given.type.startsWith("image/")) {
      complain("That is not a picture. Choose a photo: JPEG, PNG, WebP, AVIF, HEIC or GIF.");
      return;
    }
    const session = await entering;
    try {
      photo = await fitting(given, session.max_file_size);
    } catch {
      complain("This picture cannot be opened here. Choose another one.");
      return;
    }
    const picture = find("chosen");
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(photo);
    finder.style.setProperty("--photo", `url("${picture.src}")`);
    picture.hidden = false;
    find("invite").hidden = true;
    find("choices").hidden = false;
    finder.classList.add("full");
    find("make").focus({ preventScroll: true });
  }

  function clear() {
    photo = null;
    file.value = "";
    find("chosen").hidden = true;
    find("invite").hidden = false;
    find("choices").hidden = true;
    finder.classList.remove("full");
    complain("");
  }

  async function make() {
    if (!photo) return;
    complain("");
    const fields = find("maker").elements;
    const form = new FormData();
    // Fields first: the service knows what to make before the bytes are in.
    const look = picked(find("looks"));
    const wishes = {
      style: look || fields.music_style.value,
      aspect: picked(find("aspects")),
      title: fields.title.value.trim(),
      lyrics: fields.lyrics.value.trim(),
      instrumental: fields.instrumental.checked ? "true" : "",
    };
    for (const [name, value] of Object.entries(wishes)) if (value) form.append(name, value);
    form.append("file", photo, photo.name || "photo.jpg");
    busy(true);
    try {
      const answer = await send("/photos", form, (share) => find("sending").style.setProperty("--share", share));
      fields.title.value = fields.lyrics.value = "";
      clear();
      onSent(answer);
    } catch (error) {
      complain(error.message);
    } finally {
      busy(false);
    }
  }

  function busy(on) {
    find("make").disabled = on;
    find("make").textContent = on ? "Sending…" : "Make the film";
    find("sending").hidden = !on;
    find("sending").style.setProperty("--share", 0);
  }

  file.addEventListener("change", () => take(file.files[0]));
  find("other").addEventListener("click", () => { clear(); file.click(); });
  find("maker").addEventListener("submit", (event) => { event.preventDefault(); make(); });

  // A photo may be dropped anywhere: nobody aims, and a missed drop would leave the page.
  let depth = 0;
  addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; finder.classList.add("over"); });
  addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) finder.classList.remove("over"); });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    finder.classList.remove("over");
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
  addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])].find((item) => item.type.startsWith("image/"));
    if (pasted) take(pasted);
  });
}

/** The photo as it is, or smaller where the service would refuse its size or may not know its format. */
async function fitting(file, mostBytes) {
  const foreign = /heic|heif|tiff|bmp/.test(file.type);
  if (file.size <= mostBytes && !foreign) return file;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of [0.92, 0.8, 0.6]) {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && blob.size <= mostBytes) return new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: blob.type });
  }
  throw new Error("too large");
}
