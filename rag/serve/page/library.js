/** The library: which articles there are, search, upload and delete. */

import { addressOf } from "./address.js";
import { ApiError, deleteDocument, getDocuments, searchPassages } from "./api.js";
import { announce, confirmed, element, iconButton } from "./dom.js";
import { date, t } from "./i18n.js";
import { passageCard } from "./render.js";
import { folded } from "./text.js";
import { createUpload } from "./upload.js";

const ROWS_AT_ONCE = 100;
const TYPING_MS = 250;

/** Return the view in `root`; `overview()` is the server's, `onChanged` hears of changes. */
export function createLibrary(root, { overview, onChanged }) {
  let documents = [];
  let rows = ROWS_AT_ONCE;
  let query = "";
  let searching = null;
  let typing = 0;
  let problem = "";

  const upload = createUpload({
    megabytes: () => overview()?.max_upload_megabytes ?? 20,
    onDone: () => {
      refresh();
      onChanged();
    },
  });
  const summary = element("p", { class: "holdings" });
  const field = element("input", { type: "search", id: "filter" });
  const list = element("div", { class: "documents" });
  const hits = element("div", { class: "hits" });
  field.addEventListener("input", () => {
    query = field.value.trim();
    rows = ROWS_AT_ONCE;
    renderList();
    clearTimeout(typing);
    typing = setTimeout(search, TYPING_MS);
  });

  function render() {
    const known = overview();
    field.placeholder = t("filterPlaceholder");
    root.replaceChildren(...[
      element("h1", {}, t("libraryTitle")),
      summary,
      known?.read_only ? element("p", { class: "hint read-only" }, t("readOnly")) : null,
      known && !known.read_only ? upload.render() : null,
      element("label", { for: "filter", class: "unseen" }, t("filter")),
      field,
      list,
      hits,
    ].filter(Boolean));
    renderList();
  }

  function renderList() {
    const passages = documents.reduce((sum, one) => sum + one.passage_count, 0);
    summary.textContent = t("librarySummary", { documents: documents.length, passages });
    const words = folded(query).split(/\s+/).filter(Boolean);
    const matching = documents.filter((one) => {
      const text = folded(`${one.title} ${one.source} ${one.id} ${one.published ?? ""}`);
      return words.every((word) => text.includes(word));
    });
    const left = matching.length - rows;
    list.replaceChildren(...[
      problem ? element("p", { class: "error", role: "alert" }, problem) : null,
      matching.length ? table(matching.slice(0, rows)) : null,
      documents.length && !matching.length ? element("p", { class: "hint" }, t("noneMatch")) : null,
      left > 0 ? element("button", { type: "button", class: "plain", onclick: () => {
        rows += ROWS_AT_ONCE;
        renderList();
      } }, t("more", { count: Math.min(left, ROWS_AT_ONCE) })) : null,
    ].filter(Boolean));
  }

  function table(shown) {
    const readOnly = overview()?.read_only;
    const heading = (key) => element("th", { scope: "col" }, t(key));
    const columns = ["title", "published", "source", "language", "passages"].map(heading);
    if (!readOnly) columns.push(element("th", { scope: "col" }, element("span", { class: "unseen" }, t("actions"))));
    return element("table", {},
      element("caption", { class: "unseen" }, t("libraryTitle")),
      element("thead", {}, element("tr", {}, ...columns)),
      element("tbody", {}, ...shown.map((one) => row(one, readOnly))));
  }

  function row(one, readOnly) {
    const cell = (key, ...content) => element("td", { "data-heading": t(key) }, ...content);
    return element("tr", {},
      element("th", { scope: "row" },
        element("a", { href: addressOf(one.id, null, null, { library: true }), lang: one.language }, one.title)),
      cell("published", one.published ? date(one.published, "short") : "–"),
      cell("source", one.source),
      cell("language", t(one.language)),
      cell("passages", String(one.passage_count)),
      readOnly ? null : element("td", { class: "tools" },
        iconButton("trash", t("deleteLabel", { title: one.title }), () => remove(one))));
  }

  async function remove(one) {
    if (!(await confirmed(t("deleteDocument", { title: one.title }), t("remove"), t("no")))) return;
    try {
      await deleteDocument(one.id);
      announce(t("deleted", { title: one.title }));
      upload.forget();
    } catch (error) {
      problem = error instanceof ApiError ? error.message : t("offline");
      renderList();
      return;
    }
    await refresh();
    field.focus({ preventScroll: true });
    onChanged();
  }

  async function search() {
    searching?.abort();
    searching = new AbortController();
    if (!query) {
      hits.replaceChildren();
      return;
    }
    try {
      const found = (await searchPassages(query, searching.signal)).hits;
      hits.replaceChildren(...(found.length ? [
        element("h2", {}, t("foundInText")),
        element("ul", { class: "cards" }, ...found.map((hit) =>
          element("li", {}, passageCard(hit, { library: true })))),
      ] : []));
    } catch (error) {
      if (error.name !== "AbortError") hits.replaceChildren();
    }
  }

  /** Fetch the list anew. */
  async function refresh() {
    try {
      documents = (await getDocuments()).documents;
      problem = "";
    } catch (error) {
      problem = error instanceof ApiError ? error.message : t("offline");
    }
    renderList();
    if (query) search();
  }

  return { render, refresh };
}
