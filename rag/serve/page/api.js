/** The server's HTTP interface. */

/** An error that the server explained; `message` says what to do. */
export class ApiError extends Error {
  constructor(code, message, body = {}) {
    super(message);
    this.code = code;
    this.body = body;
  }
}

/** The server cannot be reached, or went away in the middle. */
export class ConnectionError extends Error {}

const SILENCE_MS = 45_000;

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "omit", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ConnectionError(path);
  }
  if (response.ok) return response;
  throw await errorOf(response);
}

async function errorOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // A proxy's error page, perhaps; the status has to do.
  }
  const { code = `http_${response.status}`, message = `HTTP ${response.status}` } = body.error ?? {};
  return new ApiError(code, message, body);
}

async function json(path, options) {
  const response = await request(path, options);
  try {
    return await response.json();
  } catch {
    throw new ConnectionError(path);
  }
}

const asJson = (body) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

const pathOf = (id) => `/api/documents/${id.split("/").map(encodeURIComponent).join("/")}`;

export const getOverview = () => json("/api/overview");
export const getQuestions = (language) => json(`/api/questions?language=${language}`);
export const getDocuments = () => json("/api/documents");
export const getDocument = (id, signal) => json(pathOf(id), { signal });
export const deleteDocument = (id) => json(pathOf(id), { method: "DELETE" });
export const searchPassages = (query, signal) =>
  json(`/api/search?limit=8&q=${encodeURIComponent(query)}`, { signal });
export const sendFeedback = (feedback) => request("/api/feedback", asJson(feedback));

/** Return what answers questions, or { status: "loading" }. */
export async function getReadiness() {
  try {
    return await json("/readyz");
  } catch (error) {
    if (error instanceof ApiError && error.body.status === "loading") return error.body;
    throw error;
  }
}

/**
 * Ask a question and yield { event, data } for each server-sent event.
 *
 * Throws ConnectionError when the stream ends before its last event or falls silent.
 */
export async function* askStreaming(question, history, signal) {
  const silence = new AbortController();
  const body = asJson({ question, history, stream: true });
  const either = AbortSignal.any([signal, silence.signal]);
  try {
    const response = await request("/api/chat", { ...body, signal: either });
    yield* untilAnswered(serverSentEvents(response.body, () => silence.abort()));
  } catch (error) {
    if (error instanceof ApiError || signal.aborted) throw error;
    throw new ConnectionError("/api/chat");
  }
}

async function* untilAnswered(events) {
  let answered = false;
  for await (const { event, data } of events) {
    if (event === "error") throw new ApiError(data.error.code, data.error.message, data);
    yield { event, data };
    answered ||= event === "answer";
  }
  if (!answered) throw new ConnectionError("/api/chat");
}

async function* serverSentEvents(body, onSilence) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  let watch = setTimeout(onSilence, SILENCE_MS);
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(onSilence, SILENCE_MS);
      const frames = (buffer + value).split("\n\n");
      buffer = frames.pop();
      for (const frame of frames) {
        const parsed = parseFrame(frame);
        if (parsed) yield parsed;
      }
    }
  } finally {
    clearTimeout(watch);
    reader.cancel().catch(() => {});
  }
}

function parseFrame(frame) {
  let event = "message";
  const data = [];
  for (const line of frame.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}

/**
 * Upload files and return the ingest report; `onSent` gets the share that has been sent, 0 to 1.
 * fetch cannot tell how much it has sent, so this is an XMLHttpRequest.
 */
export function uploadFiles(files, onSent) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const file of files) form.append("files", file, file.webkitRelativePath || file.name);
    const sending = new XMLHttpRequest();
    sending.open("POST", "/api/documents");
    sending.responseType = "json";
    sending.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 1);
    sending.onload = () => {
      const body = sending.response ?? {};
      if (sending.status < 300) resolve(body);
      else if (body.report) resolve(body.report);
      else {
        const { code = `http_${sending.status}`, message = `HTTP ${sending.status}` } = body.error ?? {};
        reject(new ApiError(code, message, body));
      }
    };
    sending.onerror = () => reject(new ConnectionError("/api/documents"));
    sending.send(form);
  });
}
