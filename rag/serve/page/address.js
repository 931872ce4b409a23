/** What the part of the address after # says: #doc=...&at=start-end, #library. */

/** Return { library, doc, start, end } of a hash; offsets in code points, null where absent. */
export function parseAddress(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, "").replaceAll("+", "%2B"));
  const at = /^(\d+)-(\d+)$/.exec(fields.get("at") ?? "");
  return {
    library: fields.has("library"),
    doc: fields.get("doc") || null,
    start: at ? Number(at[1]) : null,
    end: at ? Number(at[2]) : null,
  };
}

/** Return the hash that leads to some words of a document, or to its top. */
export function addressOf(documentId, start = null, end = null, { library = false } = {}) {
  const doc = `doc=${encodeURIComponent(documentId).replaceAll("%2F", "/")}`;
  const at = start === null ? "" : `&at=${start}-${end}`;
  return `#${library ? "library&" : ""}${doc}${at}`;
}

export const current = () => parseAddress(location.hash);

/** Go to a hash as a link would, telling whoever listens to popstate. */
export function goTo(hash) {
  if (location.hash === hash || (hash === "#" && !location.hash)) return;
  history.pushState(null, "", hash === "#" ? location.pathname + location.search : hash);
  window.dispatchEvent(new PopStateEvent("popstate"));
}
