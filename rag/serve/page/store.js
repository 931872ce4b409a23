/**
 * Conversations, kept in this browser and nowhere else.
 *
 * A conversation is { id, title, updated, turns }; a turn is { id, question, answer, error,
 * partial, verdict }. One key for the list and one for each conversation, so that a new answer
 * does not rewrite all of them.
 */

const LIST = "rag.conversations";
const CURRENT = "rag.current";
const DRAFT = "rag.draft";
const LANGUAGE = "rag.language";
const keyOf = (id) => `rag.conversation.${id}`;

/** Return a name that no other thing has, also where crypto.randomUUID is missing (plain http). */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function read(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Return whether the value could be kept: storage may be full, or forbidden. */
function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept in the first place.
  }
}

/** Return [{ id, title, updated }], the latest first. */
export function listConversations() {
  const list = read(LIST, []);
  return Array.isArray(list) ? list.toSorted((one, other) => other.updated - one.updated) : [];
}

export function newConversation() {
  return { id: newId(), title: "", updated: Date.now(), turns: [] };
}

/** Return the conversation, or null if there is none. */
export function loadConversation(id) {
  const found = read(keyOf(id), null);
  return found && Array.isArray(found.turns) ? found : null;
}

/** Keep a conversation; returns false if the browser could not. */
export function saveConversation(conversation) {
  const slim = { ...conversation, turns: conversation.turns.map(slimTurn) };
  const others = listConversations().filter(({ id }) => id !== conversation.id);
  const { id, title, updated } = conversation;
  return write(keyOf(id), slim) && write(LIST, [{ id, title, updated }, ...others]);
}

/** The passages of an answer are shown only where it abstains; the rest would fill the storage. */
function slimTurn(turn) {
  const { answer } = turn;
  if (!answer || answer.abstained) return turn;
  return { ...turn, answer: { ...answer, passages: [] } };
}

export function renameConversation(id, title) {
  const list = listConversations().map((entry) => (entry.id === id ? { ...entry, title } : entry));
  const conversation = loadConversation(id);
  if (conversation) write(keyOf(id), { ...conversation, title });
  write(LIST, list);
}

export function deleteConversation(id) {
  forget(keyOf(id));
  write(LIST, listConversations().filter((entry) => entry.id !== id));
}

export const currentId = () => read(CURRENT, null);
export const setCurrentId = (id) => write(CURRENT, id);
export const draft = () => read(DRAFT, "");
export const setDraft = (text) => write(DRAFT, text);
export const chosenLanguage = () => read(LANGUAGE, null);
export const setChosenLanguage = (language) => write(LANGUAGE, language);
