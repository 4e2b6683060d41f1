// Signing in with a key; the service answers with a cookie that this page cannot read.

import { call } from "/static/api.js";

const find = (id) => document.getElementById(id);

/** Resolves with the session once someone is signed in. */
export async function signIn() {
  const key = keyInAddress();
  if (key) await call("/session", { method: "POST", json: { key } }).catch(() => {});
  const session = await call("/session");
  const signOut = find("sign-out");
  if (signOut) {
    signOut.hidden = !(session.signed_in && session.needs_key);
    signOut.addEventListener("click", async () => {
      await call("/session", { method: "DELETE" }).catch(() => {});
      location.reload();
    });
  }
  return session.signed_in ? session : askForKey();
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
        if (find("sign-out")) find("sign-out").hidden = false;
        resolve(await call("/session"));
      } catch (error) {
        fault.textContent = error.message;
        fault.hidden = false;
        find("key").select();
      }
    });
  });
}
