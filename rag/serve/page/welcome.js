/** The empty state: what the index holds, and questions that its articles answer. */

import { getOverview, getQuestions } from "./api.js";
import { element } from "./dom.js";
import { language, t } from "./i18n.js";

/** Return the empty state of a conversation; `ask` gets the question that is chosen. */
export function createWelcome(ask, onOverview) {
  let overview = null;
  const questions = {};
  const place = element("div", { class: "welcome" });

  function render() {
    const spoken = language();
    place.replaceChildren(
      element("h1", {}, t("welcome")),
      element("p", { class: "lead" }, t("welcomeHint")),
      ...holdings(),
      ...suggestions(questions[spoken] ?? []),
    );
    return place;
  }

  function holdings() {
    if (!overview) return [];
    if (overview.documents > 0) {
      const { documents, first_published: first, last_published: last } = overview;
      return [element("p", { class: "holdings" }, t("indexHolds", { documents, first, last }))];
    }
    if (overview.read_only) return [element("p", { class: "holdings" }, t("indexEmptyReadOnly"))];
    return [
      element("p", { class: "holdings" }, t("indexEmpty")),
      element("p", {}, element("a", { class: "primary", href: "#library" }, t("toLibrary"))),
    ];
  }

  function suggestions(list) {
    if (!list.length) return [];
    return [
      element("h2", { class: "try" }, t("tryThese")),
      element("ul", { class: "questions" }, ...list.map(({ question }) =>
        element("li", {}, element("button", { type: "button", onclick: () => ask(question) }, question)))),
    ];
  }

  /** Fetch anew what the index holds; questions take longer and come when they are there. */
  async function refresh() {
    const spoken = language();
    try {
      overview = await getOverview();
      render();
      onOverview();
      questions[spoken] = overview.documents ? (await getQuestions(spoken)).questions : [];
      render();
    } catch {
      // The line about the connection tells; nothing is lost without the numbers.
    }
  }

  return { render, refresh, overview: () => overview };
}
