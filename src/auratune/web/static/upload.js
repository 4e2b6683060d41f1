// Choosing photos and what to make of them; each is sent by itself, with a bar, and none is lost.

import { send } from "/static/api.js";
import { looks, picked, shapes } from "/static/choices.js";
import { t } from "/static/language.js";
import { plain } from "/static/words.js";

const LONGEST_EDGE = 4000;
const AT_ONCE = 2;
const find = (id) => document.getElementById(id);

/** Ready for photos at once; `signingIn` is the promise of the session, which photos given early wait for. */
export function setUpUpload(signingIn, onSent) {
  const finder = find("finder");
  const file = find("file");
  const items = new Set();
  let sending = 0;

  // Without a session there is nothing to offer; the page itself says why.
  signingIn.then((session) => {
    looks(find("looks"), session.looks, "look");
    shapes(find("aspects"), session.aspects, "aspect");
    find("music-styles").append(...session.music_styles.map((name) => new Option(plain(name), name)));
  }, () => {});

  function complain(words) {
    find("fault").textContent = words;
    find("fault").hidden = !words;
  }

  async function take(files) {
    complain("");
    const pictures = files.filter((item) => !item.type || item.type.startsWith("image/"));
    if (pictures.length < files.length) complain(t("That is not a picture. Choose a photo: JPEG, PNG, WebP, AVIF, HEIC or GIF."));
    for (const picture of pictures) add(picture);
    if (!pictures.length) return;
    draw();
    await signingIn;
    find("make").focus({ preventScroll: true });
  }

  function add(picture) {
    const row = find("queued").content.firstElementChild.cloneNode(true);
    const item = { picture, row, state: "waiting", request: null, options: null };
    const image = row.querySelector("img");
    image.src = URL.createObjectURL(picture);
    image.addEventListener("error", () => row.classList.add("blank"));
    row.querySelector(".name").textContent = picture.name;
    row.querySelector(".again").addEventListener("click", () => { item.state = "ready"; draw(); next(); });
    row.querySelector(".drop").addEventListener("click", () => drop(item));
    row.querySelector(".drop").setAttribute("aria-label", t("Remove {name}", { name: picture.name }));
    items.add(item);
    find("queue").append(row);
  }

  function drop(item) {
    item.request?.abort();
    URL.revokeObjectURL(item.row.querySelector("img").src);
    item.row.remove();
    items.delete(item);
    item.state = "gone";
    draw();
  }

  function draw() {
    const waiting = [...items].filter((item) => item.state === "waiting");
    find("queue").hidden = !items.size;
    find("choices").hidden = !waiting.length;
    finder.classList.toggle("small", items.size > 0);
    find("make").textContent = waiting.length > 1 ? t("Make {count} films", { count: waiting.length }) : t("Make the film");
    for (const item of items) {
      const note = { waiting: "", ready: t("Waits for its turn"), later: t("Waits for its turn"), sending: t("Sending"), failed: item.fault }[item.state];
      item.row.querySelector(".note").textContent = note;
      item.row.classList.toggle("bad", item.state === "failed");
      item.row.querySelector(".meter").hidden = item.state !== "sending";
      item.row.querySelector(".again").hidden = item.state !== "failed";
      item.row.querySelector(".drop").textContent = item.state === "sending" ? t("Cancel") : t("Remove");
    }
  }

  function options() {
    const fields = find("maker").elements;
    return {
      style: [picked(find("looks")), fields.music_style.value].filter(Boolean).join(", "),
      aspect: picked(find("aspects")),
      captions: fields.captions.value,
      title: fields.title.value.trim(),
      lyrics: fields.lyrics.value.trim(),
      instrumental: fields.instrumental.checked ? "true" : "",
    };
  }

  function make() {
    complain("");
    for (const item of items) {
      if (item.state === "waiting") Object.assign(item, { state: "ready", options: options() });
    }
    draw();
    next();
  }

  function next() {
    for (const item of items) {
      if (sending >= AT_ONCE) return;
      if (item.state === "ready") transmit(item);
    }
  }

  async function transmit(item) {
    item.state = "sending";
    sending += 1;
    draw();
    try {
      const session = await signingIn;
      const photo = await fitting(item.picture, session.max_file_size);
      const form = new FormData();
      // Fields first: the service knows what to make before the bytes are in.
      for (const [name, value] of Object.entries(item.options)) if (value) form.append(name, value);
      form.append("file", photo, photo.name);
      const meter = item.row.querySelector(".meter");
      meter.setAttribute("aria-label", t("Sending {name}", { name: item.picture.name }));
      item.request = send("/photos", form, (share) => {
        meter.style.setProperty("--share", share);
        meter.setAttribute("aria-valuenow", Math.round(share * 100));
      });
      const answer = await item.request.done;
      if (items.has(item)) drop(item);
      await onSent(answer);
    } catch (error) {
      if (!items.has(item)) return;
      if (error.status === 429 && error.waitSeconds) {
        // There are too many at this moment: it is sent again when the service said so.
        item.state = "later";
        setTimeout(() => { if (item.state === "later") { item.state = "ready"; draw(); next(); } }, error.waitSeconds * 1000);
        return;
      }
      Object.assign(item, { state: "failed", fault: error.message });
      complain(error.message);
    } finally {
      sending -= 1;
      draw();
      next();
    }
  }

  find("maker").addEventListener("submit", (event) => { event.preventDefault(); make(); });
  find("clear").addEventListener("click", () => { for (const item of items) if (item.state === "waiting") drop(item); complain(""); });
  file.addEventListener("change", () => { take([...file.files]); file.value = ""; });
  let depth = 0;
  addEventListener("dragenter", () => { depth += 1; finder.classList.add("over"); });
  addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) finder.classList.remove("over"); });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    finder.classList.remove("over");
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])].filter((item) => item.type.startsWith("image/"));
    if (pasted.length) take(pasted);
  });
  addEventListener("beforeunload", (event) => { if (sending || [...items].some((item) => item.state === "later")) event.preventDefault(); });
}

/** The photo as it is, or smaller where the service would refuse its size or may not know its format. */
async function fitting(file, mostBytes) {
  const foreign = /heic|heif|tiff|bmp/.test(file.type);
  if (file.size <= mostBytes && !foreign) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error(t("This picture cannot be opened here. Choose another one."));
  }
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
  throw new Error(t("This picture is too large; choose a smaller one."));
}
