/** The article beside the chat, opened at the cited words. */

import { ApiError, getDocument } from "./api.js";
import { element, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { originOf } from "./render.js";
import { addressOfQuote, indexOfCodePoint, piecesOf } from "./text.js";

/** A short line without a full stop at its end stands above what it is about. */
const SUBHEAD = /^[^\n•]{3,90}[^\s.!?:;,…”"'’)\]\n]$/;

/**
 * Return the pane in `pane`; `placesBeside(doc, start, end)` are the citations to step through,
 * `hrefTo(place)` is the address of a citation.
 */
export function createArticle(pane, { placesBeside, hrefTo, onClose }) {
  let shown = null;
  let loading = null;
  let stepped = "";

  async function open({ doc, start, end }) {
    loading?.abort();
    if (shown?.id === doc) {
      place(start, end);
      focus();
      return;
    }
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
    focus();
  }

  /** Focus the pane, or the step that led here, so that stepping goes on with the same key. */
  function focus() {
    const target = pane.querySelector(`[data-step="${stepped}"]`) ?? pane.querySelector(".close");
    target.focus({ preventScroll: true });
    stepped = "";
  }

  /** Show the words at [start, end), in code points, or the top. */
  function place(start, end) {
    const group = start === null ? [] : placesBeside(shown.id, start, end);
    const position = group.findIndex((one) => one.document_id === shown.id && one.start === start && one.end === end);
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
      return element("a", {
        class: "icon-button", href: hrefTo(to), "aria-label": label, title: label, "data-step": name,
        onclick: () => {
          stepped = name;
        },
      }, icon(name));
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
  const outside = { href, target: "_blank", rel: "noopener noreferrer" };
  return element("p", {}, element("a", { class: "text-button", ...outside }, icon("outside"), t("original")));
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
  for (const { start, end } of paragraphsOf(text, headline)) {
    const heading = blocks.length > 0 && end < text.length && SUBHEAD.test(text.slice(start, end));
    blocks.push(element("p", { class: heading ? "subhead" : null }, ...marked(text, start, end, ranges)));
  }
  return blocks;
}

/** Return what stands between empty lines, as indices. */
function paragraphsOf(text, from) {
  const paragraphs = [];
  let start = from;
  for (const gap of text.slice(from).matchAll(/\n[^\S\n]*\n\s*|$/g)) {
    const end = from + gap.index;
    const words = text.slice(start, end);
    if (words.trim()) paragraphs.push({ start: end - words.trimStart().length, end });
    start = end + gap[0].length;
  }
  return paragraphs;
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
