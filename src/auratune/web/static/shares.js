// The links of one film: copied, made anew and ended here.

import { call } from "/static/api.js";
import { day, t } from "/static/language.js";
import { say } from "/static/notices.js";

const find = (id) => document.getElementById(id);

/** `api` is the film's address; nothing is read until someone asks to share. */
export function setUpShares(api) {
  const act = (button, work) => button.addEventListener("click", () => work().catch((error) => say(error.message, true)));
  act(find("share"), async () => {
    find("links").hidden = !find("links").hidden;
    find("share").setAttribute("aria-expanded", String(!find("links").hidden));
    if (find("links").hidden) return;
    await show();
    await copy(find("links-list").querySelector("input"));
  });
  act(find("new-link"), async () => {
    await call(`${api}/share`, { method: "POST" });
    await show();
    await copy(find("links-list").lastElementChild.querySelector("input"));
  });

  async function show() {
    const { shares } = await call(`${api}/shares`);
    find("links-list").replaceChildren(...shares.map(row));
  }

  function row(link) {
    const item = find("link").content.firstElementChild.cloneNode(true);
    const until = t("Whoever has this link can watch until {day}.", { day: day(link.expires_at, { month: "long", day: "numeric" }) });
    const text = item.querySelector("input");
    text.value = link.url;
    item.querySelector(".until").textContent = until;
    const code = item.querySelector(".code");
    code.hidden = !link.qr_url;
    if (link.qr_url) Object.assign(code, { src: link.qr_url, alt: t("QR code of {address}", { address: link.phone_url }) });
    act(item.querySelector(".copy"), () => copy(text));
    act(item.querySelector(".revoke"), async () => {
      await call(`${api}/shares/${link.share_id}`, { method: "DELETE" });
      await show();
      say(t("The link has ended."));
    });
    return item;
  }
}

async function copy(text) {
  text.select();
  const copied = await navigator.clipboard?.writeText(text.value).then(() => true, () => false);
  if (copied) say(t("Copied."));
}
