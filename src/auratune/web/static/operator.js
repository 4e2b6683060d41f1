// The operator's page: queue, disk, vendors, today's paid calls and recent failures, read anew every five seconds.

import { call } from "/static/api.js";
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

const megabytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;

async function refresh() {
  const [health, failed, recent] = await Promise.all([
    call("/health"), call("/photos?status=error&limit=10"), call("/photos?limit=200"),
  ]);
  find("state").textContent = health.fault ? `Cannot work: ${health.fault}` : health.status === "ok" ? "Ready to work" : "Working; a vendor fails";
  fill("work", [
    ["Waiting", health.queue_depth], ["Being made", `${health.active_tasks ?? 0} of ${health.max_concurrent}`],
    ["Films", health.total_tasks], ["Database", health.database], ["Engine", health.engine], ["Store", health.store],
    ["Free disk", health.disk_free_bytes === undefined ? "" : megabytes(health.disk_free_bytes)],
    ["Event streams", health.event_listeners], ["Up for", `${Math.round(health.uptime_seconds / 60)} min`], ["Version", health.version],
  ]);
  fill("vendors", Object.entries(health.providers).map(([name, state]) => [
    maker(name),
    !state.configured ? "no key" : state.failing ? `fails: ${state.last_error_code}` : "well",
    state.last_success_at ? `last success ${ago(state.last_success_at)}` : "",
  ]));
  const today = new Date().toISOString().slice(0, 10);
  const totals = new Map();
  for (const line of recent.videos.flatMap((film) => film.receipt).filter((line) => line.at?.startsWith(today))) {
    const total = totals.get(line.vendor) ?? { calls: 0, usd: 0 };
    totals.set(line.vendor, { calls: total.calls + 1, usd: total.usd + (line.units.usd ?? 0) });
  }
  fill("paid", [...totals].map(([name, total]) => [maker(name), `${total.calls} calls`, total.usd ? `$${total.usd.toFixed(2)}` : ""]), "None.");
  fill("faults", failed.videos.map((film) => [film.error_code, film.error_message, ago(film.modified_at)]), "None.");
}

async function run() {
  await refresh().then(() => setOffline(false), (error) => setOffline(error.status === 0));
}

await signIn();
await run();
setInterval(() => { if (!document.hidden) run(); }, 5000);
