/** An answer as elements: paragraphs, lists, bold, verdicts and citation chips; nothing else. */

import { addressOf } from "./address.js";
import { element } from "./dom.js";
import { date, t } from "./i18n.js";
import { indexOfCodePoint, piecesOf, shorten } from "./text.js";

const EXCERPT_CHARACTERS = 260;
const MARKERS = /\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]/g;
const HALF_MARKER = /\s*\[[\d,\s]*$/;
const BOLD = /\*\*(?=\S)([^*\n]*[^*\s])\*\*/g;
const BULLET = /^\s*[-*•–]\s+/;
const NUMBERED = /^\s*\d{1,2}[.)]\s+/;

/** Return the elements of a text that is still being written; markers wait for the answer. */
export function renderDraft(text) {
  return renderBlocks(text.replace(HALF_MARKER, ""), [], () => []);
}

/** Return the elements of an answer. */
export function renderAnswer(answer) {
  const byNumber = new Map(answer.citations.map((citation) => [citation.number, citation]));
  const text = answer.answer;
  const sentences = locateSentences(text, answer.sentences);
  if (sentences === null) return answer.sentences.map((one) => sentenceAlone(one, byNumber));
  const bold = sentences.flatMap((sentence) => boldWords(text, sentence, byNumber));
  return renderBlocks(text, [...sentences, ...bold], (sentence) => marksOf(sentence, byNumber));
}

/** Return the sentences with start and end in the text, or null if one is not there. */
function locateSentences(text, sentences) {
  let cursor = 0;
  const located = [];
  for (const sentence of sentences) {
    const start = text.indexOf(sentence.text, cursor);
    if (start < 0) return null;
    cursor = start + sentence.text.length;
    located.push({ ...sentence, kind: "sentence", start, end: cursor });
  }
  return located;
}

/** Return where the answer words of the cited quotes stand in a sentence that holds the quotes. */
function boldWords(text, sentence, byNumber) {
  return sentence.citations.flatMap((number) => {
    const citation = byNumber.get(number);
    if (!citation?.highlights?.length) return [];
    const at = text.indexOf(citation.quote, sentence.start);
    if (at < 0 || at + citation.quote.length > sentence.end) return [];
    return highlightsIn(citation).map(({ start, end }) => ({ kind: "bold", start: at + start, end: at + end }));
  });
}

/** Return a citation's answer words as indices into its quote. */
function highlightsIn(citation) {
  const indexOf = indexOfCodePoint(citation.quote);
  return (citation.highlights ?? []).map(([start, end]) => ({
    kind: "bold",
    start: indexOf(start - citation.start),
    end: indexOf(end - citation.start),
  }));
}

/** Return the words of a quote, with its answer words bold. */
export function renderQuote(citation) {
  return inline(citation.quote, 0, citation.quote.length, highlightsIn(citation));
}

function sentenceAlone(sentence, byNumber) {
  const words = inline(sentence.text, 0, sentence.text.length, []);
  return element("p", {}, sentenceElement(sentence, words), ...marksOf(sentence, byNumber));
}

/** Return paragraphs and lists; `ranges` are sentences and bold words in the text. */
function renderBlocks(text, ranges, marks) {
  const found = [...text.matchAll(BOLD)].map((match) => ({
    kind: "stars", start: match.index, end: match.index + match[0].length,
  }));
  const blocks = [];
  for (const line of linesOf(text)) {
    if (line.kind === "blank") continue;
    const items = blocks.at(-1)?.items;
    const words = lineElements(text, line, [...ranges, ...found], marks);
    if (line.kind !== "p" && blocks.at(-1)?.kind === line.kind) items.push(words);
    else blocks.push({ kind: line.kind, items: [words] });
  }
  return blocks.map(({ kind, items }) => {
    if (kind === "p") return element("p", {}, ...items[0]);
    return element(kind, {}, ...items.map((item) => element("li", {}, ...item)));
  });
}

/** Return { kind, start, end } of every line, without its bullet. */
function linesOf(text) {
  let start = 0;
  return text.split("\n").map((line) => {
    const from = start;
    start += line.length + 1;
    if (!line.trim()) return { kind: "blank" };
    const bullet = BULLET.exec(line) ?? NUMBERED.exec(line);
    const kind = !bullet ? "p" : BULLET.test(line) ? "ul" : "ol";
    return { kind, start: from + (bullet?.[0].length ?? 0), end: from + line.length };
  });
}

function lineElements(text, line, ranges, marks) {
  const sentences = ranges.filter(({ kind }) => kind === "sentence");
  const styles = ranges.filter(({ kind }) => kind !== "sentence");
  return piecesOf(text, line.start, line.end, sentences).flatMap((piece) => {
    const end = piece.start + piece.text.length;
    const words = inline(text, piece.start, end, styles);
    const sentence = piece.over[0];
    if (!sentence) return words;
    const last = end === sentence.end;
    return [sentenceElement(sentence, words), ...(last ? marks(sentence) : [])];
  });
}

function sentenceElement(sentence, words) {
  return element("span", { class: `sentence ${sentence.support}` }, ...words);
}

/** Return text nodes and bold elements; citation markers and stars are left out. */
function inline(text, start, end, styles) {
  return piecesOf(text, start, end, styles).flatMap((piece) => {
    const starred = piece.over.some(({ kind }) => kind === "stars");
    const words = (starred ? piece.text.replaceAll("**", "") : piece.text).replace(MARKERS, "");
    if (!words) return [];
    return piece.over.length ? [element("strong", {}, words)] : [words];
  });
}

/** Return a sentence's verdict and its chips. */
function marksOf(sentence, byNumber) {
  const chips = sentence.citations.flatMap((number) => {
    const citation = byNumber.get(number);
    return citation ? [chip(citation)] : [];
  });
  return [verdictOf(sentence.support), ...chips];
}

function verdictOf(support) {
  const doubt = support === "partial" || support === "unsupported";
  const hint = doubt ? t(`${support}Hint`) : t(support);
  const shown = doubt ? t(support) : "✓";
  const role = doubt ? {} : { role: "img", "aria-label": hint };
  return element("span", { class: `verdict ${support}`, title: hint, ...role }, shown);
}

/** Return the link that opens a citation's article at its words. */
export function chip(citation) {
  return element("a", {
    class: "chip",
    href: addressOf(citation.document_id, citation.start, citation.end),
    title: citation.title,
    "aria-label": t("openQuote", { number: citation.number, title: citation.title }),
  }, String(citation.number));
}

/** Return "source · date" as far as they are known. */
export function originOf({ source, published }) {
  return [source, published ? date(published) : t("undated")].filter(Boolean).join(" · ");
}

/** Return an answer's citations with their quotes, under the article that they are from. */
export function renderSources(citations) {
  const byArticle = Map.groupBy(citations, ({ document_id: id }) => id);
  return element(
    "details",
    { class: "sources", open: true },
    element("summary", {}, t("sources", { count: citations.length })),
    element("ul", { class: "cards" }, ...[...byArticle.values()].map((cited) =>
      element(
        "li",
        { class: "card" },
        element("span", { class: "card-title" }, cited[0].title),
        element("span", { class: "origin" }, originOf(cited[0])),
        element("ul", { class: "quotes" }, ...cited.map(quoteItem)),
      ))),
  );
}

function quoteItem(citation) {
  const href = addressOf(citation.document_id, citation.start, citation.end);
  return element("li", {}, element("a", { href },
    element("span", { class: "number" }, String(citation.number)),
    element("q", { class: "quote" }, ...renderQuote(citation))));
}

/** Return the list of the passages nearest to a question that is not answered. */
export function renderNearest(passages) {
  return element(
    "section",
    { class: "nearest" },
    element("h3", {}, t("nearest")),
    element("p", { class: "hint" }, t("nearestHint")),
    element("ul", { class: "cards" }, ...passages.map((passage) =>
      element("li", {}, passageCard(passage)))),
  );
}

/** Return a passage as a link to its place in its article. */
export function passageCard(passage, options = {}) {
  return element(
    "a",
    { class: "card", href: addressOf(passage.document_id, passage.start, passage.end, options) },
    element("span", { class: "card-title" }, passage.title),
    element("span", { class: "origin" }, originOf(passage)),
    element("span", { class: "excerpt" }, excerptOf(passage)),
  );
}

/** Return the start of a passage, without the title that may stand at the top of it. */
function excerptOf({ text, title }) {
  const body = text.startsWith(title) ? text.slice(title.length) : text;
  return shorten(body, EXCERPT_CHARACTERS);
}
