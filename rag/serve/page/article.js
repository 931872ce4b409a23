/** The article beside the chat, opened at the cited words. */

import { addressOf } from "./address.js";
import { ApiError, getDocument } from "./api.js";
import { element, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { originOf } from "./render.js";
import { addressOfQuote, indexOfCodePoint, piecesOf } from "./text.js";

/**
 * Return the pane in `pane`; `placesBeside(doc, start, end)` are the citations to step through,
 * `hrefTo(place)` and `hrefClosed()` are the addresses that its links lead to.
 */
export function createArticle(pane, { placesBeside, hrefTo, onClose }) {
  let shown = null;
  let loading = null;

  async function open({ doc, start, end }) {
    if (shown && shown.id === doc) {
      place(start, end);
      return;
    }
    loading?.abort();
    const abort = new AbortController();
    loading = abort;
    shown = null;
    pane.hidden = false;
    pane.replaceChildren(bar([], 0), element("p", { class: "hint pad" }, t("articleLoading")));
    try {
      const found = await getDocument(doc, abort.signal);
      if (abort.signal.aborted) return;
      shown = found;
      place(start, end);
    } catch (error) {
      if (abort.signal.aborted) return;
      const words = error instanceof ApiError ? error.message : t("offline");
      pane.replaceChildren(bar([], 0), element("p", { class: "error pad", role: "alert" }, words));
    }
    pane.querySelector(".close").focus({ preventScroll: true });
  }

  /** Show the words at [start, end), in code points, or the top. */
  function place(start, end) {
    const group = start === null ? [] : placesBeside(shown.id, start, end);
    const position = group.findIndex((one) => one.document_id === shown.id && one.start === start && one.end === end);
    const focusedStep = pane.contains(document.activeElement) ? document.activeElement.dataset.step : null;
    const here = group.filter((one) => one.document_id === shown.id && one !== group[position]);
    const expected = group[position]?.quote;
    const body = element("div", { class: "text", lang: shown.language, tabindex: 0, role: "region", "aria-label": shown.title },
      ...textElements(shown, start === null ? null : { start, end, highlights: group[position]?.highlights }, here));
    const current = [...body.querySelectorAll("mark.current")].map((mark) => mark.textContent).join("");
    const changed = expected !== undefined && current.replace(/\s/g, "") !== expected.replace(/\s/g, "");
    pane.replaceChildren(
      bar(group, position),
      element("header", { class: "head" },
        shown.text.startsWith(shown.title) ? null : element("h2", {}, shown.title),
        element("p", { class: "origin" }, originOf(shown)),
        originalLink(shown, start === null ? "" : current),
        changed ? element("p", { class: "answer-warning" }, t("articleChanged")) : null),
      body,
    );
    pane.hidden = false;
    const mark = body.querySelector("mark.current");
    if (mark) mark.scrollIntoView({ block: "center" });
    const step = focusedStep ? pane.querySelector(`[data-step="${focusedStep}"]`) : null;
    (step ?? pane.querySelector(".close")).focus({ preventScroll: true });
  }

  function bar(group, position) {
    return element("div", { class: "pane-bar" },
      ...(group.length > 1 ? steps(group, position) : []),
      element("span", { class: "spring" }),
      iconButton("close", t("closeArticle"), onClose, { class: "icon-button close" }));
  }

  function steps(group, position) {
    const count = group.length;
    const step = (name, label, by) => {
      const to = group[(position + by + count) % count];
      const button = iconButton(name, label, () => {}, { "data-step": name });
      return element("a", {
        class: "icon-button", href: hrefTo(to), "aria-label": label, title: label, "data-step": name,
      }, ...button.childNodes);
    };
    return [
      step("previous", t("previousCitation"), -1),
      element("span", { class: "position", role: "status" }, t("citationOf", { position: position + 1, count })),
      step("next", t("nextCitation"), 1),
    ];
  }

  return {
    open,
    isOpen: () => !pane.hidden,
    /** Write the pane anew, in another language or after its conversation came. */
    refresh(address) {
      if (shown && !pane.hidden) place(address.start, address.end);
    },
    close() {
      loading?.abort();
      shown = null;
      pane.hidden = true;
      pane.replaceChildren();
    },
  };
}

function originalLink(shown, quote) {
  const href = shown.url ? addressOfQuote(shown.url, quote) : null;
  if (!href) return null;
  const link = element("a", { class: "text-button", href, target: "_blank", rel: "noopener noreferrer" },
    ...iconButton("outside", t("original"), () => {}, { shown: true }).childNodes);
  return element("p", {}, link);
}

/** Return the article's paragraphs; the cited words are marked, nothing of the text is changed. */
function textElements(shown, current, others) {
  const { text, title } = shown;
  const indexOf = indexOfCodePoint(text);
  const range = (kind, start, end) => ({ kind, start: indexOf(start), end: indexOf(end) });
  const ranges = others.map(({ start, end }) => range("other", start, end));
  if (current) {
    ranges.push(range("current", current.start, current.end));
    for (const [start, end] of current.highlights ?? []) ranges.push(range("answer", start, end));
  }
  const blocks = [];
  const headline = text.startsWith(title) && title.length > 0 ? title.length : 0;
  if (headline) blocks.push(element("h2", {}, ...marked(text, 0, headline, ranges)));
  const paragraph = /\S(?:(?!\n[^\S\n]*\n)[\s\S])*/g;
  paragraph.lastIndex = headline;
  for (let match = paragraph.exec(text); match; match = paragraph.exec(text)) {
    blocks.push(element("p", {}, ...marked(text, match.index, match.index + match[0].length, ranges)));
  }
  return blocks;
}

function marked(text, start, end, ranges) {
  return piecesOf(text, start, end, ranges).map((piece) => {
    const kinds = piece.over.map(({ kind }) => kind);
    const words = kinds.includes("answer") ? element("strong", {}, piece.text) : piece.text;
    if (kinds.includes("current")) return element("mark", { class: "current" }, words);
    if (kinds.includes("other")) return element("mark", { class: "other" }, words);
    return words;
  });
}

/** Return the address of a place in an article. */
export function hrefOfPlace(place, options) {
  return addressOf(place.document_id, place.start, place.end, options);
}
