// Speaks to the service; every failure becomes an error whose message can be shown as it is.

import { t, told } from "/static/language.js";

export class Refusal extends Error {
  /** `waitSeconds` is how long the service asks to wait before trying again, or 0. */
  constructor(message, status, code, waitSeconds = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.waitSeconds = waitSeconds;
  }
}

const NO_ANSWER = t("The service does not answer. Check that it runs and that you are online.");

export async function call(path, { method = "GET", json, headers = {}, keepalive = false } = {}) {
  const options = { method, keepalive, headers: { accept: "application/json", ...headers } };
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.headers["content-type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refusal(NO_ANSWER, 0, "no_answer");
  }
  if (response.status === 204) return null;
  const body = await response.json().catch(() => null);
  if (!response.ok) throw refusal(response.status, body);
  return body;
}

/** Sends a form and tells how far it is, 0 to 1; `done` is the promise of its answer. fetch cannot tell that. */
export function send(path, form, onShare) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("POST", path);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onShare(event.loaded / event.total);
    request.onload = () =>
      request.status < 300 ? resolve(request.response) : reject(refusal(request.status, request.response, Number(request.getResponseHeader("retry-after"))));
    request.onerror = () => reject(new Refusal(NO_ANSWER, 0, "no_answer"));
    request.onabort = () => reject(new Refusal(t("Cancelled."), 0, "cancelled"));
    request.send(form);
  });
  return { done, abort: () => request.abort() };
}

function refusal(status, body, waitSeconds) {
  const words = told(body?.detail) || t("Something went wrong. Try again in a moment.");
  return new Refusal(words, status, body?.code ?? "", waitSeconds);
}
