// The operator's page: queue, disk, vendors, today's paid calls and recent failures, read anew every five seconds.

import { call } from "/static/api.js";
import { number, t, told } from "/static/language.js";
import { setOffline } from "/static/notices.js";
import { signIn } from "/static/sign_in.js";
import { ago, maker } from "/static/words.js";

const find = (id) => document.getElementById(id);

function fill(id, rows, nothing) {
  find(id).replaceChildren(...(rows.length ? rows : [[nothing]]).map((cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text ?? "" })));
    return row;
  }));
}

const megabytes = (bytes) => `${number(bytes / 1024 / 1024)} MB`;

async function refresh() {
  const [health, failed, recent] = await Promise.all([
    call("/health"), call("/photos?status=error&limit=10"), call("/photos?limit=200"),
  ]);
  find("state").textContent = health.fault ? t("Cannot work: {fault}", { fault: health.fault }) : health.status === "ok" ? t("Ready to work") : t("Working; a vendor fails");
  fill("work", [
    [t("Waiting"), health.queue_depth],
    [t("Being made"), t("{count} of {most}", { count: health.active_tasks ?? 0, most: health.max_concurrent })],
    [t("Films"), health.total_tasks], [t("Database"), health.database], [t("Engine"), health.engine], [t("Store"), health.store],
    [t("Free disk"), health.disk_free_bytes === undefined ? "" : megabytes(health.disk_free_bytes)],
    [t("Event streams"), health.event_listeners], [t("Up for"), `${number(health.uptime_seconds / 60)} min`], [t("Version"), health.version],
  ]);
  fill("vendors", Object.entries(health.providers).map(([name, state]) => [
    maker(name),
    !state.configured ? t("no key") : state.failing ? t("fails: {code}", { code: state.last_error_code }) : t("well"),
    state.last_success_at ? t("last success {time}", { time: ago(state.last_success_at) }) : "",
  ]));
  const today = new Date().toISOString().slice(0, 10);
  const totals = new Map();
  for (const line of recent.videos.flatMap((film) => film.receipt).filter((line) => line.at?.startsWith(today))) {
    const total = totals.get(line.vendor) ?? { calls: 0, usd: 0 };
    totals.set(line.vendor, { calls: total.calls + 1, usd: total.usd + (line.units.usd ?? 0) });
  }
  fill("paid", [...totals].map(([name, total]) => [maker(name), t("calls: {count}", { count: total.calls }), total.usd ? `$${number(total.usd, 2)}` : ""]), t("None."));
  fill("faults", failed.videos.map((film) => [film.error_code, told(film.error_message), ago(film.modified_at)]), t("None."));
}

async function run() {
  await refresh().then(() => setOffline(false), (error) => setOffline(error.status === 0));
}

await signIn();
await run();
setInterval(() => { if (!document.hidden) run(); }, 5000);
