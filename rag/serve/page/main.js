/** Puts the page together: what is shown follows the address. */

import { addressOf, current, goTo } from "./address.js";
import { createArticle } from "./article.js";
import { createChat } from "./chat.js";
import { createComposer } from "./composer.js";
import { checkConnection, onConnection, showConnection } from "./connection.js";
import { createConversationList } from "./conversations.js";
import { byId, icon } from "./dom.js";
import { applyLanguage, language, onLanguage, switchLanguage, t } from "./i18n.js";
import { createLibrary } from "./library.js";
import {
  currentId, listConversations, loadConversation, newConversation, setCurrentId,
} from "./store.js";
import { guardAgainstStrayDrops } from "./upload.js";
import { createWelcome } from "./welcome.js";

const NARROW = matchMedia("(max-width: 60rem)");

const welcome = createWelcome((question) => chat.ask(question), () => library.render());
const chat = createChat(byId("turns"), {
  empty: () => welcome.render(),
  onBusy: (busy) => composer.setBusy(busy),
  onSaved: (conversation) => {
    setCurrentId(conversation.id);
    renderConversations();
  },
});
const composer = createComposer(byId("composer"), {
  onAsk: (question, options) => chat.ask(question, options),
  onStop: () => chat.stop(),
  lastQuestion: () => chat.lastQuestion(),
});
const library = createLibrary(byId("library"), {
  overview: welcome.overview,
  onChanged: () => welcome.refresh(),
});
const article = createArticle(byId("article"), {
  placesBeside: chat.placesBeside,
  hrefTo: (place) => addressOf(place.document_id, place.start, place.end, { library: current().library }),
  onClose: closeArticle,
});
const renderConversations = createConversationList(byId("drawer"), {
  currentId: () => chat.conversation().id,
  onOpen: (id) => openConversation(loadConversation(id) ?? newConversation()),
  onNew: () => openConversation(newConversation()),
  onDeleted: (id) => {
    if (id === chat.conversation().id) openConversation(newConversation());
  },
  onRenamed: (id, title) => {
    if (id === chat.conversation().id) chat.conversation().title = title;
  },
});

let opener = null;

function openConversation(conversation) {
  chat.show(conversation);
  setCurrentId(conversation.id);
  showDrawer(false);
  renderConversations();
  goTo("#");
  composer.focus();
}

function closeArticle() {
  goTo(current().library ? "#library" : "#");
}

/** Show what the address says. */
function route() {
  const address = current();
  const wasOpen = article.isOpen();
  byId("chat").hidden = address.library;
  byId("library").hidden = !address.library;
  byId("to-chat").toggleAttribute("aria-current", !address.library);
  byId("to-library").toggleAttribute("aria-current", address.library);
  if (address.library) library.refresh();
  document.body.classList.toggle("reading", address.doc !== null);
  document.title = address.library ? `${t("library")} · rag` : "rag";
  if (address.doc === null) {
    article.close();
    coverMain(false);
    if (wasOpen) opener?.focus();
    return;
  }
  if (!byId("article").contains(document.activeElement)) opener = document.activeElement;
  article.open(address);
  coverMain(NARROW.matches);
}

/** What the article covers on a narrow screen can be neither reached nor read. */
function coverMain(covered) {
  byId("main").inert = covered;
}

function showDrawer(open) {
  const button = byId("drawer-button");
  const asPanel = NARROW.matches;
  document.body.classList.toggle("drawer-open", open && asPanel);
  button.setAttribute("aria-expanded", String(asPanel ? open : !document.body.classList.contains("drawer-shut")));
  byId("scrim").hidden = !(open && asPanel);
  byId("main").inert = (open && asPanel) || (current().doc !== null && asPanel);
  if (open && asPanel) byId("drawer").querySelector("button")?.focus();
}

function toggleDrawer() {
  if (NARROW.matches) showDrawer(!document.body.classList.contains("drawer-open"));
  else {
    document.body.classList.toggle("drawer-shut");
    showDrawer(false);
  }
}

byId("drawer-button").append(icon("menu"));
byId("drawer-button").addEventListener("click", toggleDrawer);
byId("scrim").addEventListener("click", () => showDrawer(false));
byId("language").addEventListener("click", switchLanguage);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const href = link.getAttribute("href");
  if (href === "#question") composer.focus();
  else if (href === location.hash) article.refresh(current());
  else goTo(href);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
  if (chat.isBusy()) chat.stop();
  else if (document.body.classList.contains("drawer-open")) {
    showDrawer(false);
    byId("drawer-button").focus();
  } else if (article.isOpen()) closeArticle();
});
window.addEventListener("popstate", route);
NARROW.addEventListener("change", () => {
  showDrawer(false);
  coverMain(NARROW.matches && current().doc !== null);
});

onConnection((state, before) => {
  if (state === "ready" && before !== "unknown") welcome.refresh();
});
onLanguage(() => {
  const button = byId("language");
  button.textContent = language() === "id" ? "EN" : "ID";
  button.setAttribute("aria-label", `${button.textContent}: ${t("switchLanguage")}`);
  button.title = t("switchLanguage");
  button.lang = language() === "id" ? "en" : "id";
  composer.render();
  welcome.render();
  if (welcome.overview()) welcome.refresh();
  chat.update();
  library.render();
  renderConversations();
  article.refresh(current());
  showConnection();
});

guardAgainstStrayDrops();
const last = currentId() ?? listConversations()[0]?.id;
chat.show((last && loadConversation(last)) || newConversation());
applyLanguage();
showDrawer(false);
route();
welcome.refresh();
checkConnection();
if (!NARROW.matches && current().doc === null) composer.focus();
