/** The words of the interface in Indonesian and English, and how it writes dates and numbers. */

import { chosenLanguage, setChosenLanguage } from "./store.js";

const ARTICLES_EN = (count) => `${number(count)} ${count === 1 ? "article" : "articles"}`;
const PASSAGES_EN = (count) => `${number(count)} ${count === 1 ? "passage" : "passages"}`;

const WORDS = {
  id: {
    skip: "Langsung ke pertanyaan",
    chat: "Tanya",
    library: "Pustaka",
    views: "Halaman",
    conversations: "Percakapan",
    article: "Artikel",
    close: "Tutup",
    yes: "Ya",
    no: "Batal",
    switchLanguage: "Switch to English",
    // composer
    question: "Pertanyaan",
    placeholder: "Tanyakan sesuatu…",
    send: "Kirim",
    stop: "Hentikan",
    keys: "Enter kirim · Shift+Enter baris baru · ↑ sunting yang terakhir · Esc hentikan",
    editing: "Menyunting pertanyaan terakhir; jawabannya akan diganti.",
    cancelEdit: "Batal menyunting",
    // answers
    you: "Anda bertanya",
    searching: "Mencari di artikel…",
    reading: ({ passages, articles }) => `Membaca ${number(passages)} bagian dari ${number(articles)} artikel…`,
    answering: "Sedang menjawab",
    stopped: "Dihentikan; jawaban ini belum diperiksa.",
    unfinished: "Belum dijawab.",
    waiting: "Sambungan terputus. Pertanyaan Anda aman dan dikirim lagi begitu server kembali.",
    lostMidAnswer: "Sambungan terputus di tengah jawaban; bagian ini belum diperiksa.",
    abstained: "Tidak ada di artikel",
    nearest: "Bagian yang paling dekat",
    nearestHint: "Tidak menjawab pertanyaannya, tetapi membahas hal yang berdekatan.",
    sources: ({ count }) => `Sumber (${number(count)})`,
    undated: "tanpa tanggal",
    openQuote: ({ number: n, title }) => `Sumber ${n}: ${title}. Buka artikel pada kalimat ini`,
    openPassage: ({ title }) => `Buka ${title} pada bagian ini`,
    quoted: "Kutipan kata demi kata",
    supported: "Didukung oleh sumbernya",
    partial: "didukung sebagian",
    partialHint: "Sumbernya hanya mendukung sebagian kalimat ini; periksa kutipannya.",
    unsupported: "tidak didukung",
    unsupportedHint: "Sumbernya tidak mendukung kalimat ini; jangan dipercaya begitu saja.",
    understoodAs: ({ question }) => `Dipahami sebagai: ${question}`,
    copy: "Salin",
    copySources: "Salin dengan sumber",
    copied: "Tersalin",
    notCopied: "Browser tidak mengizinkan penyalinan.",
    again: "Tanya lagi",
    helpful: "Jawaban ini membantu",
    unhelpful: "Jawaban ini tidak membantu",
    thanks: "Terima kasih. Ada catatan?",
    note: "Catatan (boleh kosong)",
    notePlaceholder: "Apa yang kurang atau salah?",
    sendNote: "Kirim catatan",
    noteSent: "Catatan terkirim. Terima kasih.",
    took: ({ seconds, who }) => `${seconds} dtk · ${who}`,
    // answerer and connection
    answerer: "Yang menjawab",
    byQuoting: "Kutipan saja",
    answererLoading: "Model dimuat…",
    modelDown: ({ model }) => `Model bahasa ${model} sedang tidak dapat dipakai; jawaban dilanjutkan dengan mengutip.`,
    loading: "Server masih memuat model; pertanyaan Anda akan menunggu.",
    offline: "Server tidak dapat dihubungi. Periksa apakah `rag serve` berjalan; halaman ini terus mencoba.",
    online: "Tersambung lagi.",
    unexpected: "Terjadi kesalahan pada halaman ini. Muat ulang; percakapan Anda tersimpan.",
    // welcome
    welcome: "Tanyakan pada artikel",
    welcomeHint: "Setiap kalimat jawaban menunjuk kata-kata persis yang menjadi dasarnya.",
    indexHolds: ({ documents, first, last }) =>
      `${number(documents)} artikel${first ? (first === last ? `, ${date(first)}` : `, dari ${date(first)} sampai ${date(last)}`) : ""}.`,
    indexEmpty: "Belum ada artikel. Tambahkan dahulu di pustaka.",
    indexEmptyReadOnly: "Belum ada artikel.",
    toLibrary: "Buka pustaka",
    tryThese: "Dijawab oleh artikel-artikel ini",
    // article
    citationOf: ({ position, count }) => `${number(position)} dari ${number(count)}`,
    previousCitation: "Kutipan sebelumnya",
    nextCitation: "Kutipan berikutnya",
    original: "Halaman aslinya",
    articleLoading: "Membuka artikel…",
    articleChanged: "Artikel ini berubah sejak jawaban dibuat, jadi kutipannya tidak lagi di tempat yang sama.",
    closeArticle: "Tutup artikel",
    // conversations
    newConversation: "Percakapan baru",
    noConversations: "Percakapan tersimpan di browser ini saja.",
    rename: "Ganti nama",
    renameLabel: "Nama percakapan",
    exportMarkdown: "Unduh sebagai Markdown",
    remove: "Hapus",
    removeConversation: ({ title }) => `Hapus percakapan “${title}” dari browser ini?`,
    storageFull: "Browser ini tidak dapat menyimpan percakapan lagi; hapus beberapa atau unduh dulu.",
    question_: "Pertanyaan",
    // library
    libraryTitle: "Pustaka",
    librarySummary: ({ documents, passages }) => `${number(documents)} artikel, ${number(passages)} bagian`,
    filter: "Cari di pustaka",
    filterPlaceholder: "Judul, sumber, atau isi artikel…",
    noneMatch: "Tidak ada judul atau sumber yang cocok.",
    foundInText: "Ditemukan di isi artikel",
    title: "Judul",
    published: "Tanggal",
    source: "Sumber",
    language: "Bahasa",
    passages: "Bagian",
    id: "Indonesia",
    en: "Inggris",
    actions: "Tindakan",
    more: ({ count }) => `Tampilkan ${number(count)} lagi`,
    readOnly: "Server ini hanya dapat dibaca; artikel tidak dapat ditambah atau dihapus dari sini.",
    deleteDocument: ({ title }) => `Hapus “${title}” dari indeks? Berkas aslinya tetap ada.`,
    deleteLabel: ({ title }) => `Hapus ${title}`,
    deleted: ({ title }) => `“${title}” dihapus dari indeks.`,
    upload: "Pilih berkas",
    dropHere: "Seret berkas ke sini, atau",
    uploadKinds: ({ megabytes }) => `.txt, .md, atau .jsonl, paling besar ${number(megabytes)} MB`,
    uploading: ({ done, count }) => `Mengindeks ${number(done)} dari ${number(count)} berkas…`,
    tooLarge: ({ megabytes }) => `lebih besar dari ${number(megabytes)} MB`,
    report: "Hasil",
    added: ({ count }) => `${number(count)} ditambahkan`,
    updated: ({ count }) => `${number(count)} diperbarui`,
    unchanged: ({ count }) => `${number(count)} tidak berubah`,
    failed: ({ count }) => `${number(count)} gagal`,
    connectionLost: "sambungan terputus; coba lagi",
  },
  en: {
    skip: "Skip to the question",
    chat: "Ask",
    library: "Library",
    views: "Views",
    conversations: "Conversations",
    article: "Article",
    close: "Close",
    yes: "Yes",
    no: "Cancel",
    switchLanguage: "Ganti ke bahasa Indonesia",
    question: "Question",
    placeholder: "Ask something…",
    send: "Send",
    stop: "Stop",
    keys: "Enter sends · Shift+Enter new line · ↑ edits the last · Esc stops",
    editing: "Editing the last question; its answer will be replaced.",
    cancelEdit: "Stop editing",
    you: "You asked",
    searching: "Searching the articles…",
    reading: ({ passages, articles }) => `Reading ${PASSAGES_EN(passages)} of ${ARTICLES_EN(articles)}…`,
    answering: "Answering",
    stopped: "Stopped; this answer has not been checked.",
    unfinished: "Not answered yet.",
    waiting: "The connection was lost. Your question is safe and is sent again as soon as the server is back.",
    lostMidAnswer: "The connection was lost in mid-answer; this part has not been checked.",
    abstained: "Not in the articles",
    nearest: "The nearest passages",
    nearestHint: "They do not answer the question, but they speak of something close to it.",
    sources: ({ count }) => `Sources (${number(count)})`,
    undated: "no date",
    openQuote: ({ number: n, title }) => `Source ${n}: ${title}. Open the article at this sentence`,
    openPassage: ({ title }) => `Open ${title} at this passage`,
    quoted: "Quoted word for word",
    supported: "Supported by its source",
    partial: "partly supported",
    partialHint: "Its source supports only part of this sentence; look at the quote.",
    unsupported: "not supported",
    unsupportedHint: "Its source does not support this sentence; do not rely on it.",
    understoodAs: ({ question }) => `Understood as: ${question}`,
    copy: "Copy",
    copySources: "Copy with sources",
    copied: "Copied",
    notCopied: "The browser does not allow copying.",
    again: "Ask again",
    helpful: "This answer helps",
    unhelpful: "This answer does not help",
    thanks: "Thank you. Anything to add?",
    note: "Note (may be empty)",
    notePlaceholder: "What is missing or wrong?",
    sendNote: "Send note",
    noteSent: "Note sent. Thank you.",
    took: ({ seconds, who }) => `${seconds} s · ${who}`,
    answerer: "Who answers",
    byQuoting: "Quotes only",
    answererLoading: "Models are loading…",
    modelDown: ({ model }) => `The language model ${model} cannot be used right now; answers go on by quoting.`,
    loading: "The server is still loading its models; your question will wait.",
    offline: "The server cannot be reached. See whether `rag serve` is running; this page keeps trying.",
    online: "Connected again.",
    unexpected: "Something went wrong on this page. Reload it; your conversations are kept.",
    welcome: "Ask the articles",
    welcomeHint: "Every sentence of an answer points at the exact words that it rests on.",
    indexHolds: ({ documents, first, last }) =>
      `${ARTICLES_EN(documents)}${first ? (first === last ? `, ${date(first)}` : `, from ${date(first)} to ${date(last)}`) : ""}.`,
    indexEmpty: "There are no articles yet. Add some in the library first.",
    indexEmptyReadOnly: "There are no articles yet.",
    toLibrary: "Open the library",
    tryThese: "Answered by these articles",
    citationOf: ({ position, count }) => `${number(position)} of ${number(count)}`,
    previousCitation: "Previous citation",
    nextCitation: "Next citation",
    original: "Original page",
    articleLoading: "Opening the article…",
    articleChanged: "This article has changed since the answer was made, so the quote is no longer in the same place.",
    closeArticle: "Close the article",
    newConversation: "New conversation",
    noConversations: "Conversations are kept in this browser only.",
    rename: "Rename",
    renameLabel: "Name of the conversation",
    exportMarkdown: "Download as Markdown",
    remove: "Delete",
    removeConversation: ({ title }) => `Delete the conversation “${title}” from this browser?`,
    storageFull: "This browser cannot keep more conversations; delete some, or download them first.",
    question_: "Question",
    libraryTitle: "Library",
    librarySummary: ({ documents, passages }) => `${ARTICLES_EN(documents)}, ${PASSAGES_EN(passages)}`,
    filter: "Search the library",
    filterPlaceholder: "Title, source, or words of an article…",
    noneMatch: "No title or source matches.",
    foundInText: "Found in the articles' text",
    title: "Title",
    published: "Date",
    source: "Source",
    language: "Language",
    passages: "Passages",
    id: "Indonesian",
    en: "English",
    actions: "Actions",
    more: ({ count }) => `Show ${number(count)} more`,
    readOnly: "This server is read-only; articles cannot be added or deleted here.",
    deleteDocument: ({ title }) => `Delete “${title}” from the index? The original file stays.`,
    deleteLabel: ({ title }) => `Delete ${title}`,
    deleted: ({ title }) => `“${title}” was deleted from the index.`,
    upload: "Choose files",
    dropHere: "Drop files here, or",
    uploadKinds: ({ megabytes }) => `.txt, .md or .jsonl, ${number(megabytes)} MB at the most`,
    uploading: ({ done, count }) => `Indexing ${number(done)} of ${number(count)} files…`,
    tooLarge: ({ megabytes }) => `larger than ${number(megabytes)} MB`,
    report: "Result",
    added: ({ count }) => `${number(count)} added`,
    updated: ({ count }) => `${number(count)} updated`,
    unchanged: ({ count }) => `${number(count)} unchanged`,
    failed: ({ count }) => `${number(count)} failed`,
    connectionLost: "the connection was lost; try again",
  },
};

let chosen = chosenLanguage() ?? languageOfBrowser();
const listeners = [];

/** The first of the browser's languages that the interface speaks, else English. */
function languageOfBrowser() {
  const spoken = navigator.languages.map((tag) => tag.split("-")[0].toLowerCase());
  return spoken.find((language) => language in WORDS) ?? "en";
}

export const language = () => chosen;

/** Return the words for a key; some need values. */
export function t(key, values = {}) {
  const words = WORDS[chosen][key];
  return typeof words === "function" ? words(values) : words;
}

export function switchLanguage() {
  chosen = chosen === "id" ? "en" : "id";
  setChosenLanguage(chosen);
  applyLanguage();
}

/** Call `listener` whenever the language changes. */
export function onLanguage(listener) {
  listeners.push(listener);
}

/** Write the words of the page's fixed parts, then tell the listeners. */
export function applyLanguage() {
  document.documentElement.lang = chosen;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
  }
  for (const listener of listeners) listener();
}

/** Return an ISO date as people write it. */
export function date(iso, month = "long") {
  const day = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return iso;
  return day.toLocaleDateString(localeTag(), { day: "numeric", month, year: "numeric", timeZone: "UTC" });
}

export function number(value, digits = 0) {
  return value.toLocaleString(localeTag(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const localeTag = () => (chosen === "id" ? "id-ID" : "en-GB");
