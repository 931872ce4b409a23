/** Where the question is typed; what is typed is kept until it is sent. */

import { element, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { draft, setDraft } from "./store.js";

const MOST_LINES_PX = 220;

/** Fill the form and return { focus, edit, setBusy, render }. */
export function createComposer(form, { onAsk, onStop, lastQuestion }) {
  const field = element("textarea", { id: "question", rows: 1, enterkeyhint: "send" });
  let busy = false;
  let editing = false;
  field.value = draft();

  function render() {
    field.placeholder = t("placeholder");
    const button = busy
      ? iconButton("stop", t("stop"), onStop, { class: "send", "aria-keyshortcuts": "Escape" })
      : iconButton("send", t("send"), submit, { class: "send", "aria-keyshortcuts": "Control+Enter" });
    const note = element("p", { class: "editing", hidden: !editing }, t("editing"), " ",
      element("button", { type: "button", class: "link", onclick: cancelEdit }, t("cancelEdit")));
    const focused = document.activeElement === field;
    form.replaceChildren(
      note,
      element("div", { class: "field" },
        element("label", { for: "question", class: "unseen" }, t("question")), field, button),
      element("p", { class: "keys" }, t("keys")),
    );
    if (focused) field.focus();
    grow();
  }

  function grow() {
    field.style.height = "auto";
    if (field.scrollHeight) field.style.height = `${Math.min(field.scrollHeight, MOST_LINES_PX)}px`;
  }

  function set(text) {
    field.value = text;
    setDraft(text);
    grow();
  }

  function submit() {
    const question = field.value.trim();
    if (!question || busy) return;
    const replacesLast = editing;
    editing = false;
    set("");
    onAsk(question, { replacesLast });
  }

  function edit(question) {
    editing = true;
    set(question);
    render();
    field.focus();
    field.setSelectionRange(question.length, question.length);
  }

  function cancelEdit() {
    editing = false;
    set("");
    render();
    field.focus();
  }

  field.addEventListener("input", () => {
    setDraft(field.value);
    grow();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = lastQuestion();
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && !field.value && last && !busy) {
      event.preventDefault();
      edit(last);
    } else if (event.key === "Escape" && editing) {
      event.stopPropagation();
      cancelEdit();
    }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("resize", grow);
  render();

  return {
    render,
    focus: () => field.focus(),
    /** Show the stop button instead of the send button. */
    setBusy(value) {
      busy = value;
      render();
    },
  };
}
