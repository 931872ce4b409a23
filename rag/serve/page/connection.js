/** Whether the server is there, what answers questions, and the line that tells when not. */

import { ApiError, getReadiness } from "./api.js";
import { byId, element } from "./dom.js";
import { t } from "./i18n.js";

const QUOTING = "reader";
const CALM_MS = 15_000;
const LOADING_MS = 700;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const PASSING_MS = 6_000;

let state = "unknown";
let readiness = null;
let model = null;
let failures = 0;
let timer = 0;
let passing = { text: "", timer: 0 };
const listeners = [];

export const isOnline = () => state === "ready" || state === "loading";

/** Call `listener` with the state, "ready", "loading" or "offline", and the one before it. */
export function onConnection(listener) {
  listeners.push(listener);
}

/** Ask the server now, and again from time to time: often while it is away. */
export async function checkConnection() {
  clearTimeout(timer);
  try {
    readiness = await getReadiness();
    failures = 0;
    if (readiness.answerer && readiness.answerer !== QUOTING) model = readiness.answerer;
    become(readiness.status === "ready" ? "ready" : "loading");
  } catch (error) {
    failures += 1;
    become(error instanceof ApiError && state !== "unknown" ? state : "offline");
  }
  timer = setTimeout(checkConnection, pause());
}

function pause() {
  if (state === "ready") return CALM_MS;
  if (state === "loading") return LOADING_MS;
  return RETRY_MS[Math.min(failures - 1, RETRY_MS.length - 1)];
}

function become(next) {
  const before = state;
  state = next;
  if (before === "offline" && next === "ready") passingNotice(t("online"));
  showConnection();
  if (before !== next) for (const listener of listeners) listener(next, before);
}

/** Show a line that goes away by itself. */
export function passingNotice(text) {
  clearTimeout(passing.timer);
  passing = { text, timer: setTimeout(() => passingNotice(""), text ? PASSING_MS : 0) };
  if (!text) clearTimeout(passing.timer);
  showConnection();
}

/** Write the line and the answerer's name in the present language. */
export function showConnection() {
  const notice = byId("notice");
  const { text, warning } = line();
  notice.hidden = !text;
  notice.classList.toggle("warning", warning);
  if (notice.textContent !== text) notice.textContent = text;
  showAnswerer();
}

function line() {
  if (state === "offline") return { text: t("offline"), warning: true };
  if (state === "loading") return { text: t("loading"), warning: false };
  if (passing.text) return { text: passing.text, warning: false };
  if (model && readiness?.answerer === QUOTING) {
    return { text: t("modelDown", { model: nameOfModel(model) }), warning: true };
  }
  return { text: "", warning: false };
}

function showAnswerer() {
  const name = readiness?.answerer ? nameOfAnswerer(readiness.answerer) : t("answererLoading");
  const reason = readiness?.answerer_reason ?? "";
  const written = readiness?.answerer && readiness.answerer !== QUOTING;
  const place = byId("answerer");
  const shown = `${name}\n${reason}`;
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  const why = element("div", { id: "answerer-why", popover: "auto" }, element("strong", {}, t("answerer")),
    element("p", {}, name), element("p", { class: "hint" }, reason));
  const button = element("button", {
    type: "button", popovertarget: "answerer-why", title: reason, "aria-label": `${t("answerer")}: ${name}`,
  }, element("span", { class: `lamp ${written ? "model" : "quoting"}` }), element("span", {}, name));
  place.replaceChildren(button, why);
}

/** Return an answerer as people know it: "ollama:gemma3:4b" is gemma3:4b. */
export function nameOfAnswerer(answerer) {
  return answerer === QUOTING ? t("byQuoting") : nameOfModel(answerer);
}

const nameOfModel = (answerer) => answerer.replace(/^(ollama|openai):/, "");

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) checkConnection();
});
window.addEventListener("online", checkConnection);
