/** Thumbs up and down under an answer, with a note. */

import { sendFeedback } from "./api.js";
import { announce, element, iconButton } from "./dom.js";
import { t } from "./i18n.js";

/** Return the thumbs of a turn; `onVerdict` is told what was chosen, to keep it. */
export function renderThumbs(turn, onVerdict) {
  const slot = element("div", { class: "feedback" });
  const thumbs = ["up", "down"].map((verdict) =>
    iconButton(verdict, t(verdict === "up" ? "helpful" : "unhelpful"), () => choose(verdict), {
      "aria-pressed": String(turn.verdict === verdict),
      "data-verdict": verdict,
    }));

  async function choose(verdict) {
    for (const thumb of thumbs) {
      thumb.setAttribute("aria-pressed", String(thumb.dataset.verdict === verdict));
    }
    onVerdict(verdict);
    if (await send(turn, verdict, "", slot)) slot.replaceChildren(noteForm(turn, verdict, slot));
  }
  return { thumbs, slot };
}

function noteForm(turn, verdict, slot) {
  const field = element("textarea", {
    id: `note-${turn.id}`, rows: 2, maxlength: 2000, placeholder: t("notePlaceholder"),
  });
  const form = element(
    "form",
    { class: "note" },
    element("label", { for: field.id }, `${t("thanks")} ${t("note")}`),
    field,
    element("div", { class: "row" }, element("button", { class: "primary small" }, t("sendNote"))),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const note = field.value.trim();
    if (note && !(await send(turn, verdict, note, slot))) return;
    slot.replaceChildren(element("p", { class: "hint" }, t("noteSent")));
    announce(t("noteSent"));
  });
  queueMicrotask(() => field.focus({ preventScroll: true }));
  return form;
}

/** Return whether the server took it; if not, say so below the answer. */
async function send(turn, verdict, note, slot) {
  const documents = turn.answer.citations.map((citation) => citation.document_id);
  try {
    await sendFeedback({ answer_id: turn.id, verdict, note, document_ids: [...new Set(documents)] });
    return true;
  } catch (error) {
    const words = error.code ? error.message : t("offline");
    slot.querySelector(".error")?.remove();
    slot.append(element("p", { class: "error", role: "alert" }, words));
    return false;
  }
}
