// Short notices for the eye and for screen readers, an undo button, and the line that tells that the service is away.

const find = (id) => document.getElementById(id);
let timer = 0;
let pending = null;

/** Shows a notice for five seconds. */
export function say(words, isFault = false) {
  settle();
  show(words, isFault);
}

/** Says what will be done and does it after six seconds, or at once when the page is left, unless it is undone. */
export function sayWithUndo(words, act, undo) {
  settle();
  pending = { act, undo };
  show(words, false, 6000);
  find("undo").hidden = false;
}

/** Tells once that the service does not answer, until it does. */
export function setOffline(isOffline) {
  find("offline").hidden = !isOffline;
}

function show(words, isFault, milliseconds = 5000) {
  const toast = find("toast");
  find("said").textContent = find("toast-text").textContent = words;
  toast.classList.toggle("bad", isFault);
  toast.hidePopover?.();
  toast.showPopover?.();
  clearTimeout(timer);
  timer = setTimeout(() => { settle(); toast.hidePopover?.(); find("toast-text").textContent = ""; }, milliseconds);
}

function settle() {
  find("undo").hidden = true;
  const { act } = pending ?? {};
  pending = null;
  act?.();
}

find("undo").addEventListener("click", () => {
  const { undo } = pending ?? {};
  pending = null;
  find("undo").hidden = true;
  find("toast").hidePopover?.();
  undo?.();
});
addEventListener("pagehide", settle);
