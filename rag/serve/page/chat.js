/** A conversation: questions, answers that stream in, and what can be done with them. */

import { ConnectionError, askStreaming } from "./api.js";
import { checkConnection, isOnline, nameOfAnswerer, onConnection, passingNotice } from "./connection.js";
import { announce, element, iconButton } from "./dom.js";
import { answerWithSources, copyText, plainAnswer } from "./export.js";
import { renderThumbs } from "./feedback.js";
import { number, t } from "./i18n.js";
import { renderAnswer, renderDraft, renderNearest, renderSources } from "./render.js";
import { newConversation, newId, saveConversation } from "./store.js";
import { shorten } from "./text.js";

const REMEMBERED_TURNS = 6;
const TITLE_CHARACTERS = 70;
const COPIED_MS = 2_000;

/** Return the chat over `turns`; `empty()` is shown while there is no question yet. */
export function createChat(turns, { empty, onBusy, onSaved }) {
  let conversation = newConversation();
  let running = null;
  let drawing = 0;
  const views = new Map();

  function show(next) {
    stop();
    conversation = next;
    // An answer that a reload cut off is asked for again.
    for (const turn of next.turns) if (turn.state === "running") turn.state = "waiting";
    render();
    views.get(conversation.turns.at(-1))?.scrollIntoView({ block: "start" });
    if (waitingTurn() && isOnline()) run(waitingTurn());
  }

  function render() {
    views.clear();
    for (const turn of conversation.turns) views.set(turn, turnElement(turn));
    turns.replaceChildren(...(views.size ? views.values() : [empty()]));
  }

  function update(turn) {
    const view = views.get(turn);
    if (!view) return;
    const fresh = turnElement(turn);
    view.replaceChildren(...fresh.childNodes);
    view.setAttribute("aria-busy", fresh.getAttribute("aria-busy"));
  }

  function save() {
    conversation.updated = Date.now();
    if (!saveConversation(conversation)) passingNotice(t("storageFull"));
    onSaved(conversation);
  }

  function ask(question, { replacesLast = false } = {}) {
    if (running) return;
    if (replacesLast) conversation.turns.pop();
    const turn = { id: newId(), question };
    conversation.turns.push(turn);
    conversation.title ||= shorten(question, TITLE_CHARACTERS);
    render();
    run(turn);
    views.get(turn).scrollIntoView({ block: "start" });
  }

  async function run(turn) {
    const abort = new AbortController();
    running = { turn, abort };
    Object.assign(turn, { id: newId(), answer: null, error: "", partial: "", found: null, verdict: null });
    turn.state = "running";
    onBusy(true);
    save();
    update(turn);
    announce(t("answering"));
    try {
      for await (const event of askStreaming(turn.question, historyBefore(turn), abort.signal)) {
        take(turn, event);
      }
      turn.state = "done";
      announce(turn.answer.abstained ? `${t("abstained")}. ${turn.answer.answer}` : plainAnswer(turn.answer));
    } catch (error) {
      fail(turn, error, abort.signal.aborted);
    }
    if (running?.turn === turn) running = null;
    turn.found = null;
    onBusy(running !== null);
    if (conversation.turns.includes(turn)) save();
    update(turn);
    checkConnection();
  }

  function take(turn, { event, data }) {
    if (event === "sources") {
      const articles = new Set(data.passages.map((passage) => passage.document_id));
      turn.found = { passages: data.passages.length, articles: articles.size };
    } else if (event === "token") turn.partial += data.text;
    else if (event === "answer") Object.assign(turn, { answer: data, partial: "" });
    if (drawing) return;
    drawing = requestAnimationFrame(() => {
      drawing = 0;
      update(turn);
    });
  }

  function fail(turn, error, aborted) {
    if (aborted) turn.state = "stopped";
    else if (error instanceof ConnectionError) turn.state = "waiting";
    else {
      turn.state = "failed";
      turn.error = error.code ? error.message : t("unexpected");
      if (!error.code) console.error(error);
    }
    announce(turn.error || t(turn.state));
  }

  function historyBefore(turn) {
    const before = conversation.turns.slice(0, conversation.turns.indexOf(turn));
    return before.filter(({ answer }) => answer).slice(-REMEMBERED_TURNS).flatMap((earlier) => [
      { role: "user", content: earlier.question },
      { role: "assistant", content: earlier.answer.answer },
    ]);
  }

  function stop() {
    running?.abort.abort();
  }

  const waitingTurn = () => conversation.turns.find(({ state }) => state === "waiting");

  onConnection(() => {
    if (isOnline() && !running && waitingTurn()) run(waitingTurn());
  });

  function turnElement(turn) {
    const busy = turn.state === "running";
    return element(
      "article",
      { class: "turn", "aria-busy": String(busy), "data-turn": turn.id },
      element("h2", { class: "asked" }, element("span", { class: "unseen" }, `${t("you")}: `), turn.question),
      ...replyOf(turn),
    );
  }

  function replyOf(turn) {
    if (turn.answer) return answerElements(turn);
    const partial = turn.partial ? [element("div", { class: "answer draft" }, ...renderDraft(turn.partial))] : [];
    if (turn.state === "running") return [...partial, progress(turn)];
    return [...partial, interruption(turn), element("div", { class: "actions" }, againButton(turn))];
  }

  function progress(turn) {
    const words = turn.found?.passages ? t("reading", turn.found) : t("searching");
    return element("p", { class: "progress" }, element("span", { class: "dots", "aria-hidden": "true" }), words);
  }

  function interruption(turn) {
    if (turn.state === "failed") return element("p", { class: "error", role: "alert" }, turn.error);
    const lost = turn.partial ? `${t("lostMidAnswer")} ${t("waiting")}` : t("waiting");
    const words = { waiting: lost, stopped: t("stopped") }[turn.state] ?? t("unfinished");
    return element("p", { class: "interrupted" }, words);
  }

  function answerElements(turn) {
    const { answer } = turn;
    const asked = answer.standalone_question;
    const understood = asked && asked.trim() !== turn.question.trim();
    const words = renderAnswer(answer);
    const body = answer.abstained
      ? [element("p", { class: "abstained-label" }, t("abstained")), ...renderDraft(answer.answer)]
      : words;
    return [
      understood ? element("p", { class: "hint understood" }, t("understoodAs", { question: asked })) : null,
      ...answer.warnings.map((warning) => element("p", { class: "answer-warning" }, warning)),
      element("div", { class: `answer${answer.abstained ? " abstained" : ""}`, lang: answer.language }, ...body),
      answer.citations.length ? renderSources(answer.citations) : null,
      answer.abstained && answer.passages.length ? renderNearest(answer.passages) : null,
      ...actionsOf(turn),
    ].filter(Boolean);
  }

  function actionsOf(turn) {
    const { answer } = turn;
    const { thumbs, slot } = renderThumbs(turn, (verdict) => {
      turn.verdict = verdict;
      save();
    });
    const seconds = number((answer.timings_ms?.total ?? 0) / 1000, 2);
    const who = nameOfAnswerer(answer.answerer);
    const row = element(
      "div",
      { class: "actions" },
      copyButton("copy", t("copy"), () => plainAnswer(answer)),
      answer.citations.length ? copyButton("quote", t("copySources"), () => answerWithSources(answer)) : null,
      againButton(turn),
      ...thumbs,
      element("span", { class: "took" }, t("took", { seconds, who })),
    );
    return [row, slot];
  }

  function againButton(turn) {
    return iconButton("again", t("again"), () => {
      if (!running) run(turn);
    }, { shown: true, class: "text-button again" });
  }

  return {
    ask,
    stop,
    show,
    render,
    update: () => conversation.turns.forEach(update),
    conversation: () => conversation,
    isBusy: () => running !== null,
    lastQuestion: () => conversation.turns.at(-1)?.question ?? "",
    /** Return the citations or passages that stand beside these words in the latest such answer. */
    placesBeside(documentId, start, end) {
      const same = (place) => place.document_id === documentId && place.start === start && place.end === end;
      const groups = conversation.turns.toReversed().flatMap(({ answer }) =>
        answer ? [answer.citations, answer.abstained ? answer.passages : []] : []);
      return groups.find((group) => group.some(same)) ?? [];
    },
  };
}

function copyButton(name, label, text) {
  const button = iconButton(name, label, async () => {
    const done = await copyText(text());
    const words = done ? t("copied") : t("notCopied");
    button.lastChild.textContent = words;
    announce(words);
    setTimeout(() => {
      button.lastChild.textContent = label;
    }, COPIED_MS);
  }, { shown: true });
  return button;
}
