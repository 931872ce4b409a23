/** The list of conversations: open, rename, delete, download. */

import { confirmed, element, iconButton } from "./dom.js";
import { conversationAsMarkdown, download } from "./export.js";
import { t } from "./i18n.js";
import { deleteConversation, listConversations, loadConversation, renameConversation } from "./store.js";

/** Return a function that writes the list into `drawer`; `currentId()` is the open one. */
export function createConversationList(drawer, { currentId, onOpen, onNew, onDeleted, onRenamed }) {
  let renaming = null;

  function render() {
    const entries = listConversations();
    drawer.replaceChildren(
      iconButton("new", t("newConversation"), onNew, { shown: true, class: "text-button new-conversation" }),
      entries.length
        ? element("ul", { class: "conversations" }, ...entries.map(item))
        : element("p", { class: "hint" }, t("noConversations")),
    );
    const field = drawer.querySelector("input");
    field?.focus();
    field?.select();
  }

  function item(entry) {
    if (renaming === entry.id) return element("li", {}, renameForm(entry));
    const open = entry.id === currentId();
    return element(
      "li",
      { class: open ? "current" : null },
      element("button", {
        type: "button", class: "conversation", "aria-current": open ? "true" : null,
        onclick: () => onOpen(entry.id),
      }, entry.title || t("question_")),
      element("span", { class: "tools" },
        iconButton("edit", `${t("rename")}: ${entry.title}`, () => startRenaming(entry.id)),
        iconButton("export", `${t("exportMarkdown")}: ${entry.title}`, () => exportEntry(entry)),
        iconButton("trash", `${t("remove")}: ${entry.title}`, () => remove(entry))),
    );
  }

  function startRenaming(id) {
    renaming = id;
    render();
  }

  function renameForm(entry) {
    const field = element("input", { value: entry.title, "aria-label": t("renameLabel"), maxlength: 200 });
    const done = (keep) => {
      if (renaming !== entry.id) return;
      renaming = null;
      const title = field.value.trim();
      if (keep && title) {
        renameConversation(entry.id, title);
        onRenamed(entry.id, title);
      }
      render();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        done(false);
      }
    });
    field.addEventListener("blur", () => done(true));
    return element("form", {
      onsubmit: (event) => {
        event.preventDefault();
        done(true);
      },
    }, field);
  }

  function exportEntry({ id, title }) {
    const conversation = loadConversation(id);
    if (conversation) download(title, conversationAsMarkdown(conversation));
  }

  async function remove({ id, title }) {
    if (!(await confirmed(t("removeConversation", { title }), t("remove"), t("no")))) return;
    deleteConversation(id);
    onDeleted(id);
    render();
  }

  return render;
}
