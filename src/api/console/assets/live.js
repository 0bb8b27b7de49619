/**
 * Updates the page: on an event for something that it shows, it fetches the page again and replaces what differs.
 * Forms that are being filled in are preserved. The page works without this script.
 */
const SOON_MS = 100;
const BETWEEN_MS = 1_000;
/** Relative times change, and events may be lost. */
const REFRESH_MS = 60_000;
const AGAIN_MS = 5_000;
/** Decisions are disabled this long after the layout changed: a click must not hit another request's button. */
const SETTLE_MS = 700;

const main = document.getElementById("main");
const shown = (main.dataset.live ?? "").split(" ").filter(Boolean);
let source;
let timer;
let last = 0;
let refreshing = Promise.resolve();

/** The count in the navigation is of authorizations. */
const concerns = (type, id) =>
  type === "resync" || type === "authorization" || shown.includes(type) || shown.includes(id);

function listen() {
  source?.close();
  source = new EventSource("/api/events");
  for (const type of ["job", "authorization", "record", "resync"])
    source.addEventListener(type, ({ data }) => concerns(type, JSON.parse(data).id) && refreshSoon());
  source.addEventListener("error", () => {
    // EventSource reconnects after a lost connection, but not after an error status.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => refresh().then(resume), AGAIN_MS);
  });
}

/** Hidden pages are not connected: HTTP/1.1 allows six connections per server. */
function resume() {
  if (document.hidden || document.querySelector("[data-signed-out]")) source?.close();
  else if (!source || source.readyState === EventSource.CLOSED) listen();
}

function refreshSoon() {
  timer ??= setTimeout(
    () => {
      timer = undefined;
      refresh();
    },
    Math.max(SOON_MS, last + BETWEEN_MS - Date.now()),
  );
}

/** Sequential, so that an older response cannot overwrite a newer one. */
function refresh() {
  // After a failure, the next event or the next interval retries.
  refreshing = refreshing.then(read).catch(() => undefined);
  return refreshing;
}

async function read() {
  last = Date.now();
  // The server must not take an unattended page for a person who works: idle sessions end.
  const headers = { "X-Background": "1" };
  const response = await fetch(location.href, { redirect: "manual", cache: "no-store", headers });
  if (response.type === "opaqueredirect") return signedOut();
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const nav = document.querySelector("header nav");
  const freshNav = fresh.querySelector("header nav");
  if (nav && freshNav) patch(nav, freshNav);
  if (shown.length > 0) patchChildren(main, fresh.getElementById("main"));
}

function signedOut() {
  source?.close();
  if (document.querySelector("[data-signed-out]")) return;
  const notice = noticeOf("You are signed out. ", "Sign in again");
  notice.dataset.signedOut = "";
  main.prepend(notice);
}

function noticeOf(text, link) {
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.setAttribute("role", "alert");
  const again = document.createElement("a");
  again.href = location.pathname + location.search;
  again.textContent = link;
  notice.append(text, again);
  return notice;
}

const nameOf = (element) =>
  `${element.localName} ${element.id || element.dataset.live || element.getAttribute("aria-labelledby") || element.className}`;

/** An element's children by name; duplicates are numbered. */
function named(parent) {
  const children = new Map();
  for (const child of parent.children) {
    let name = nameOf(child);
    while (children.has(name)) name += "'";
    children.set(name, child);
  }
  return children;
}

function patchChildren(old, fresh) {
  const before = named(old);
  const after = named(fresh);
  const gone = new Set([...before].filter(([name]) => !after.has(name)).map(([, child]) => child));
  gone.forEach((child) => replace(child));
  // `replace` does not remove a form that is being filled in.
  const from = (child) => (gone.has(child) ? from(child.nextElementSibling) : child);
  let next = from(old.firstElementChild);
  for (const [name, child] of after) {
    const known = before.get(name);
    if (known) next = from(patch(known, child).nextElementSibling);
    else {
      old.insertBefore(child, next);
      settle();
    }
  }
}

/** Updates `old` to `fresh`; returns the resulting element. */
function patch(old, fresh) {
  if ("liveItems" in old.dataset) {
    patchChildren(old, fresh);
    return old;
  }
  const times = fresh.querySelectorAll("time");
  old.querySelectorAll("time").forEach((time, index) => {
    if (time.dateTime === times[index]?.dateTime) time.textContent = times[index].textContent;
  });
  return folded(old).isEqualNode(folded(fresh)) ? old : replace(old, fresh);
}

/** Opened details do not count as a difference. */
function folded(element) {
  const copy = element.cloneNode(true);
  for (const details of [copy, ...copy.querySelectorAll("details")]) details.removeAttribute("open");
  return copy;
}

/** Replaces `old` with `fresh`, or removes it; a form that is being filled in gets a notice instead. */
function replace(old, fresh) {
  if ([...old.querySelectorAll("textarea, input:not([type=hidden])")].some(beingEdited)) {
    if (!old.querySelector(".notice")) old.prepend(noticeOf("This request changed: ", "reload"));
    return old;
  }
  const href = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const open = [...old.querySelectorAll("details[open] > summary")].map(({ textContent }) => textContent);
  if (!fresh) old.remove();
  else {
    old.replaceWith(fresh);
    for (const summary of fresh.querySelectorAll("details > summary"))
      if (open.includes(summary.textContent)) summary.parentElement.open = true;
    if (href) fresh.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus();
  }
  settle();
  return fresh;
}

const beingEdited = (field) =>
  field === document.activeElement ||
  field.value !== field.defaultValue ||
  field.checked !== field.defaultChecked;

let settling;
function settle() {
  clearTimeout(settling);
  main.classList.add("settling");
  settling = setTimeout(() => main.classList.remove("settling"), SETTLE_MS);
}

document.addEventListener("visibilitychange", resume);
setInterval(() => document.hidden || refreshSoon(), REFRESH_MS);
resume();
