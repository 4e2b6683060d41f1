// Signing in with a key; the service answers with a cookie that this page cannot read.

import { call } from "/static/api.js";
import { t } from "/static/language.js";

const find = (id) => document.getElementById(id);

/** Resolves with the session once someone is signed in. */
export async function signIn() {
  let session = await call("/session");
  const key = keyInAddress();
  if (key && session.needs_key && (await wants(key, session))) {
    await call("/session", { method: "POST", json: { key } }).catch(() => {});
    session = await call("/session");
  }
  find("sign-out")?.addEventListener("click", async () => {
    await call("/session", { method: "DELETE" }).catch(() => {});
    location.reload();
  });
  if (!session.signed_in) return askForKey();
  showOwner(session);
  return session;
}

/** Whether to sign in with a key from the address: a link must not change whose library this is without a word. */
async function wants(key, session) {
  const offered = await call("/session", { headers: { "x-api-key": key } });
  if (!offered.signed_in || offered.owner === session.owner) return false;
  if (!session.signed_in) return true;
  return confirm(t("You are signed in as {owner}. Sign in as {other} instead?", { owner: session.owner, other: offered.owner }));
}

function showOwner(session) {
  if (!find("sign-out") || !session.needs_key) return;
  find("sign-out").hidden = false;
  find("owner").textContent = session.owner;
  find("owner").hidden = false;
}

/** A key may follow the address after a #, which never leaves the browser; it is taken out at once. */
function keyInAddress() {
  const match = location.hash.match(/^#key=(.+)$/);
  if (!match) return "";
  history.replaceState(null, "", location.pathname);
  return decodeURIComponent(match[1]);
}

function askForKey() {
  const door = find("door");
  const fault = find("door-fault");
  let done = false;
  // Without a key there is nothing to see: Esc may close the dialog, and it comes back.
  door.addEventListener("close", () => { if (!done) open(); });
  function open() {
    door.showModal();
    find("key").focus();
  }
  open();
  return new Promise((resolve) => {
    find("sign-in").addEventListener("submit", async (event) => {
      event.preventDefault();
      fault.hidden = true;
      try {
        await call("/session", { method: "POST", json: { key: find("key").value } });
        find("key").value = "";
        done = true;
        door.close();
        const session = await call("/session");
        showOwner(session);
        resolve(session);
      } catch (error) {
        fault.textContent = error.message;
        fault.hidden = false;
        find("key").select();
      }
    });
  });
}
