/** Builds the page out of elements and text nodes; nothing is ever parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** Return an element; attributes named on... are listeners, strings among the children are text. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

const PATHS = {
  again: "M20 11a8 8 0 1 0-2.3 6.3M20 4v7h-7",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M17 14V3M9 18.1L10 14H4.2a2 2 0 0 1-1.9-2.6l2.3-7A2 2 0 0 1 6.5 3H20v11h-3l-4 7.5a2.6 2.6 0 0 1-4-3.4z",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  export: "M12 4v11M7 10l5 5 5-5M5 20h14",
  menu: "M4 7h16M4 12h16M4 17h10",
  new: "M12 5v14M5 12h14",
  next: "M9 5l7 7-7 7",
  outside: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  previous: "M15 5l-7 7 7 7",
  quote: "M5 6h14M5 11h14M5 16h6M15 15v4M13 17h4",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  up: "M7 10v11M15 5.9L14 10h5.8a2 2 0 0 1 1.9 2.6l-2.3 7a2 2 0 0 1-1.9 1.4H4V10h3l4-7.5a2.6 2.6 0 0 1 4 3.4z",
  upload: "M12 20V9M7 13l5-5 5 5M5 4h14",
};

/** Return a line drawing; it says nothing to screen readers, its button does. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Return a button with a drawing; `shown` puts its label beside it. */
export function iconButton(name, label, onclick, { shown = false, ...attributes } = {}) {
  const words = shown ? [element("span", {}, label)] : [];
  const named = shown ? {} : { "aria-label": label, title: label };
  const shape = shown ? "text-button" : "icon-button";
  return element("button", { type: "button", class: shape, ...named, ...attributes, onclick }, icon(name), ...words);
}

/** Ask a yes or no question in a dialog; resolves to whether the answer was yes. */
export function confirmed(question, yes, no) {
  return new Promise((resolve) => {
    const dialog = element(
      "dialog",
      { class: "confirm", "aria-labelledby": "confirm-question" },
      element("p", { id: "confirm-question" }, question),
      element(
        "form",
        { method: "dialog" },
        element("button", { value: "no", class: "plain", autofocus: true }, no),
        element("button", { value: "yes", class: "danger" }, yes),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Let screen readers speak a sentence. */
export function announce(text) {
  byId("announcer").textContent = text;
}
