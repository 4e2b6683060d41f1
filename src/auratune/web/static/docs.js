// Draws the API from its own OpenAPI document.

const VERBS = ["get", "post", "put", "patch", "delete"];
const find = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function resolve(api, schema) {
  while (schema?.$ref) schema = schema.$ref.slice(2).split("/").reduce((at, key) => at[key], api);
  return schema ?? {};
}

/** An example of a schema: its own, or one put together from its parts. */
function sample(api, schema, depth = 0) {
  schema = resolve(api, schema);
  if (schema.examples?.length) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const one = schema.anyOf ?? schema.allOf ?? schema.oneOf;
  if (one) return sample(api, one[0], depth);
  if (schema.type === "array") return depth > 4 ? [] : [sample(api, schema.items, depth + 1)];
  if (schema.properties && depth < 5) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, sample(api, part, depth + 1)]));
  }
  return { string: "…", integer: 0, number: 0, boolean: false, object: {} }[schema.type] ?? null;
}

function kindOf(api, schema) {
  schema = resolve(api, schema);
  if (schema.enum) return schema.enum.join(", ");
  const parts = [schema.type ?? (schema.anyOf ?? []).map((part) => resolve(api, part).type).join(" or ")];
  if (schema.minimum !== undefined || schema.maximum !== undefined) parts.push(`${schema.minimum ?? ""} to ${schema.maximum ?? ""}`);
  if (schema.default !== undefined && schema.default !== "") parts.push(`default ${JSON.stringify(schema.default)}`);
  return parts.filter(Boolean).join(", ");
}

function table(rows) {
  return make("table", {}, make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((text) => make("td", { textContent: text ?? "" }))))));
}

function code(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return make("pre", { className: "sample", textContent: text, tabIndex: 0 });
}

function parameters(api, operation) {
  const rows = (operation.parameters ?? []).map((one) => [
    one.name,
    `${one.in}${one.required ? ", needed" : ""}: ${kindOf(api, one.schema)}`,
    one.description ?? one.schema?.description ?? "",
  ]);
  return rows.length ? [make("h4", { textContent: "Parameters" }), table(rows)] : [];
}

function bodies(api, operation) {
  return Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, body]) => {
    const schema = resolve(api, body.schema);
    const fields = Object.entries(schema.properties ?? {}).map(([name, part]) => [
      name, kindOf(api, part), resolve(api, part).description ?? "",
    ]);
    const example = Object.values(body.examples ?? {})[0]?.value;
    return [
      make("h4", { textContent: `Body, ${type}` }),
      fields.length ? table(fields) : make("p", { className: "fine", textContent: schema.description ?? "" }),
      ...(example ? [code(example)] : []),
    ];
  });
}

function answers(api, operation) {
  return Object.entries(operation.responses ?? {}).flatMap(([status, answer]) => {
    const [type, body] = Object.entries(answer.content ?? {})[0] ?? [];
    const head = make("h4", { textContent: `${status} ${answer.description ?? ""}${type ? `, ${type}` : ""}` });
    if (!type?.includes("json") || /^[45]/.test(status)) return [head];
    return [head, code(sample(api, body.schema))];
  });
}

function command(path, verb, operation) {
  const address = `${location.origin}${path}`;
  if (operation.requestBody?.content?.["image/*"]) return `curl -F file=@photo.jpg ${address}`;
  return verb === "get" ? `curl ${address}` : `curl -X ${verb.toUpperCase()} ${address}`;
}

function route(api, path, verb, operation) {
  const [what, ...more] = (operation.description ?? operation.summary ?? "").split("\n");
  return make(
    "details",
    { className: operation.deprecated ? "route old" : "route", id: operation.operationId },
    make(
      "summary", {},
      make("span", { className: `verb ${verb}`, textContent: verb.toUpperCase() }),
      make("code", { className: "path", textContent: path }),
      make("span", { className: "what", textContent: what }),
    ),
    make(
      "div", { className: "inside" },
      more.join("\n").trim() ? make("p", { textContent: more.join("\n").trim() }) : "",
      code(command(path, verb, operation)),
      ...parameters(api, operation), ...bodies(api, operation), ...answers(api, operation),
    ),
  );
}

const api = await (await fetch("/openapi.json")).json();
find("lead").textContent = api.info.description.replaceAll("`", "").replace(/([^\n])\n(?!\n)/g, "$1 ");
const groups = new Map();
for (const [path, operations] of Object.entries(api.paths)) {
  for (const verb of VERBS.filter((verb) => operations[verb])) {
    const group = operations[verb].tags?.[0] ?? "more";
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(route(api, path, verb, operations[verb]));
  }
}
for (const [name, routes] of groups) {
  find("routes").append(make("h2", { textContent: name }), ...routes);
}
const problems = table(api["x-problems"].map(({ code, status, meaning }) => [code, String(status), meaning]));
for (const row of problems.querySelectorAll("tr")) row.id = row.firstElementChild.textContent;
find("routes").append(make("h2", { textContent: "Problems" }), problems);
// A problem's `type` points here.
document.getElementById(location.hash.slice(1))?.scrollIntoView();
