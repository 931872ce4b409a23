/** Answers and conversations as plain text and Markdown. */

import { date, t } from "./i18n.js";

const MARKERS = /\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]/g;

/** Return an answer's words without its citation markers. */
export function plainAnswer(answer) {
  return answer.answer.replace(MARKERS, "");
}

/** Return an answer with its markers and, below, what each of them cites. */
export function answerWithSources(answer) {
  const sources = answer.citations.map(sourceLine);
  return sources.length ? `${answer.answer}\n\n${sources.join("\n")}` : answer.answer;
}

function sourceLine(citation) {
  const origin = [citation.source, citation.published && date(citation.published), citation.url];
  return `[${citation.number}] ${citation.title} (${origin.filter(Boolean).join(", ")}): “${citation.quote}”`;
}

/** Return a conversation as Markdown, every answer with its citations. */
export function conversationAsMarkdown(conversation) {
  const turns = conversation.turns.map((turn) => {
    const heading = `## ${escaped(turn.question.replace(/\s+/g, " "))}`;
    return turn.answer ? `${heading}\n\n${answerAsMarkdown(turn.answer)}` : `${heading}\n\n*${t("unfinished")}*`;
  });
  return `# ${escaped(conversation.title)}\n\n${turns.join("\n\n")}\n`;
}

function answerAsMarkdown(answer) {
  const words = answer.answer.split("\n").map(escapedLine).join("\n\n").replace(/\n{3,}/g, "\n\n");
  const sources = answer.citations.map((citation) => {
    const day = citation.published ? `, ${date(citation.published)}` : "";
    const title = escaped(citation.title);
    const link = /^https?:\/\//.test(citation.url ?? "") ? `[${title}](<${citation.url.replace(/[<>\s]/g, encodeURIComponent)}>)` : title;
    const quote = citation.quote.split("\n").map((line) => `> ${escaped(line)}`.trimEnd()).join("\n");
    return `**[${citation.number}]** ${link} (${escaped(citation.source)}${day})\n\n${quote}`;
  });
  return [words, ...sources].join("\n\n");
}

// Articles are others' words: they may not become links, images or HTML in someone's notes.
const escaped = (text) => text.replace(/[\\`*_{}[\]<>#|!~]/g, "\\$&");
const escapedLine = (line) => line.replace(/[\\`_{}<>|!~]/g, "\\$&").replace(/^#/, "\\#")
  .replace(/\[(?!\d{1,3}(?:, ?\d{1,3})*\](?!\())/g, "\\[");

/** Give the reader a file. */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "rag"}.md`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Put a text on the clipboard; returns whether the browser allowed it. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** On plain http from another machine there is no navigator.clipboard. */
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
