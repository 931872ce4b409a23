/** Uploading files: by button or drop, in batches, with progress and the ingest report. */

import { uploadFiles } from "./api.js";
import { announce, byId, element } from "./dom.js";
import { t } from "./i18n.js";

const BATCH_FILES = 8;
const BATCH_BYTES = 2_000_000;
const MEGABYTE = 1_000_000;

/** Return the box that takes files; `onDone` is called when the index has changed. */
export function createUpload({ megabytes, onDone }) {
  const input = element("input", {
    type: "file", id: "files", class: "unseen", multiple: true, accept: ".txt,.md,.markdown,.jsonl",
  });
  const outcome = element("div", { class: "outcome" });
  const box = element("section", { class: "upload", "aria-label": t("upload") });
  let report = null;

  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    send(files);
  });
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.classList.add("over");
  });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("over");
    send([...event.dataTransfer.files]);
  });

  async function send(files) {
    if (!files.length || input.disabled) return;
    input.disabled = true;
    const bar = element("progress", { max: files.length, value: 0, "aria-label": t("upload") });
    const words = element("p", { class: "hint" });
    outcome.replaceChildren(bar, words);
    const tooLarge = files.filter((file) => file.size > megabytes() * MEGABYTE);
    report = emptyReport();
    report.failed.push(...tooLarge.map(({ name }) => ({ name, reason: t("tooLarge", { megabytes: megabytes() }) })));
    let done = tooLarge.length;
    const show = (count) => {
      bar.value = count;
      words.textContent = t("uploading", { done: Math.floor(count), count: files.length });
    };
    show(done);
    for (const batch of batchesOf(files.filter((file) => !tooLarge.includes(file)))) {
      // What has been sent is half the work; the other half is reading and indexing it.
      await sendBatch(batch, report, (share) => show(done + (share * batch.length) / 2));
      done += batch.length;
      show(done);
    }
    input.disabled = false;
    showReport();
    onDone();
  }

  function showReport() {
    if (!report) return;
    outcome.replaceChildren(...reportElements(report));
    announce(outcome.textContent);
  }

  /** Return the box in the present language. */
  function render() {
    const choose = element("label", { for: input.id, class: "primary" }, t("upload"));
    box.replaceChildren(
      input,
      element("p", {}, t("dropHere"), " ", choose),
      element("p", { class: "hint" }, t("uploadKinds", { megabytes: megabytes() })),
      outcome,
    );
    if (!input.disabled) showReport();
    return box;
  }

  return { render, forget: () => {
    report = null;
    outcome.replaceChildren();
  } };
}

const emptyReport = () => ({ added: [], updated: [], unchanged: [], failed: [], warnings: [] });

async function sendBatch(batch, report, onSent) {
  try {
    const part = await uploadFiles(batch, onSent);
    for (const name of Object.keys(report)) report[name].push(...(part[name] ?? []));
  } catch (error) {
    const reason = error.code ? error.message : t("connectionLost");
    report.failed.push(...batch.map(({ name }) => ({ name, reason })));
  }
}

function batchesOf(files) {
  const batches = [];
  let bytes = 0;
  for (const file of files) {
    const last = batches.at(-1);
    if (last && last.length < BATCH_FILES && bytes + file.size <= BATCH_BYTES) last.push(file);
    else {
      batches.push([file]);
      bytes = 0;
    }
    bytes += file.size;
  }
  return batches;
}

function reportElements(report) {
  const counts = ["added", "updated", "unchanged", "failed"]
    .filter((name) => report[name].length)
    .map((name) => element("li", { class: name }, t(name, { count: report[name].length })));
  const failures = report.failed.map(({ name, reason }) =>
    element("li", {}, element("strong", {}, name), `: ${reason}`));
  return [
    element("h3", {}, t("report")),
    element("ul", { class: "counts" }, ...counts),
    failures.length ? element("ul", { class: "failures" }, ...failures) : null,
    ...report.warnings.map((warning) => element("p", { class: "answer-warning" }, warning)),
  ].filter(Boolean);
}

/** Keep files that miss the box from replacing the page. */
export function guardAgainstStrayDrops() {
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => {
      if (!byId("library").contains(event.target) || !event.target.closest(".upload")) event.preventDefault();
    });
  }
}
