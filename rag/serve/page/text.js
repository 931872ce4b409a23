/** Pure functions on text. */

const ASTRAL = /[\uD800-\uDFFF]/;

/**
 * Return a function from an offset in Unicode code points, as the server counts, to an index into
 * the JavaScript string, which counts UTF-16 units.
 */
export function indexOfCodePoint(text) {
  if (!ASTRAL.test(text)) return (offset) => Math.min(offset, text.length);
  const starts = [];
  for (let index = 0; index < text.length; index += text.codePointAt(index) > 0xffff ? 2 : 1) {
    starts.push(index);
  }
  return (offset) => starts[offset] ?? text.length;
}

/** Return the part of a text between two offsets in code points. */
export function sliceCodePoints(text, start, end) {
  const indexOf = indexOfCodePoint(text);
  return text.slice(indexOf(start), indexOf(end));
}

/** Return the pieces of a text between sorted cuts, each with the names of the ranges over it. */
export function piecesOf(text, start, end, ranges) {
  const cuts = new Set([start, end]);
  for (const range of ranges) {
    if (range.start > start && range.start < end) cuts.add(range.start);
    if (range.end > start && range.end < end) cuts.add(range.end);
  }
  const sorted = [...cuts].sort((one, other) => one - other);
  return sorted.slice(0, -1).map((from, position) => {
    const to = sorted[position + 1];
    const over = ranges.filter((range) => range.start <= from && to <= range.end);
    return { text: text.slice(from, to), start: from, over };
  });
}

const LONG_QUOTE = 120;
const EDGE_WORDS = 6;

/**
 * Return an address that makes a browser scroll to a quote on the original page, or null if the
 * article's address is none that a link may have.
 */
export function addressOfQuote(url, quote) {
  let address;
  try {
    address = new URL(url);
  } catch {
    return null;
  }
  if (address.protocol !== "https:" && address.protocol !== "http:") return null;
  if (!quote) return address.href;
  const lines = quote.split("\n").map((line) => line.replace(/^[•*-]\s*/, "").trim()).filter(Boolean);
  const words = quote.split(/\s+/).filter(Boolean);
  const exact = lines.length === 1 && quote.length <= LONG_QUOTE;
  const directive = exact
    ? fragment(lines[0])
    : `${fragment(firstWords(lines[0]))},${fragment(lastWords(lines.at(-1) ?? ""))}`;
  if (words.length === 0) return address.href;
  const anchor = address.hash || "#";
  address.hash = "";
  return `${address.href.replace(/#$/, "")}${anchor}:~:text=${directive}`;
}

const firstWords = (line) => line.split(/\s+/).slice(0, EDGE_WORDS).join(" ");
const lastWords = (line) => line.split(/\s+/).slice(-EDGE_WORDS).join(" ");
const fragment = (text) => encodeURIComponent(text).replaceAll("-", "%2D");

/** Return a text cut at a word border. */
export function shorten(text, most) {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= most) return flat;
  const cut = flat.slice(0, most);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), most / 2)).replace(/[\s,;:–-]+$/, "")}…`;
}

/** Return a text in small letters without accents, for search. */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
