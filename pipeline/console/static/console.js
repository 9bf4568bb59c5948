// What pages gain from JavaScript: they follow what happens, copy commands and check JSON before it
// is sent. Without it every page works after loading it again.
"use strict";

const PAUSE_MS = 700;

// Regions marked data-live are replaced by those of the page as it is now, if they differ. What
// the person has opened, typed or scrolled in them stays.
function replaceRegion(old, fresh) {
  if (old.innerHTML === fresh.innerHTML || old.contains(document.activeElement) && isEditing()) return;
  const open = new Map([...old.querySelectorAll("details")].map((each, n) => [n, each.open]));
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const [left, top] = [old.scrollLeft, old.scrollTop];
  old.innerHTML = fresh.innerHTML;
  old.querySelectorAll("details").forEach((each, n) => { if (open.has(n)) each.open = open.get(n); });
  if (focused) old.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({preventScroll: true});
  old.scrollTo(left, top);
  prepare(old);
}

function isEditing() {
  return /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
}

async function refresh() {
  const answer = await fetch(location.href, {credentials: "same-origin"});
  if (answer.redirected && answer.url.includes("/sign-in")) { location.reload(); return; }
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
    if (fresh) replaceRegion(old, fresh);
  }
  if (!page.body.dataset.updates) source?.close();
}

let source = null, isBusy = false, isDue = false;

async function onNews() {
  isDue = true;
  if (isBusy) return;
  isBusy = true;
  while (isDue) {
    isDue = false;
    try { await refresh(); } catch { /* the next event tries again */ }
    await new Promise(done => setTimeout(done, PAUSE_MS));
  }
  isBusy = false;
}

function checkJson(area) {
  try { JSON.parse(area.value); area.setCustomValidity(""); }
  catch (error) { area.setCustomValidity(`This is not JSON: ${error.message}`); }
}

function prepare(root) {
  for (const area of root.querySelectorAll("[data-json]")) {
    area.addEventListener("input", () => checkJson(area));
  }
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.type = "button";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("copied");
    });
  }
  for (const form of root.querySelectorAll("[data-confirm]")) {
    form.addEventListener("submit", event => {
      if (!confirm(form.dataset.confirm)) event.preventDefault();
    });
  }
  for (const canvas of root.querySelectorAll(".canvas")) addFitButton(canvas);
  // The drawing shows the state that is selected, runs or has failed, or else its start.
  for (const canvas of root.querySelectorAll(".canvas")) {
    const state = canvas.querySelector(".state.selected") || canvas.querySelector(".state.waiting")
      || canvas.querySelector(".state.running")
      || canvas.querySelector(".state.failed") || canvas.querySelector(".start");
    if (state && !canvas.scrollTop && !canvas.scrollLeft) {
      const box = state.getBBox();
      canvas.scrollTo(box.x + box.width / 2 - canvas.clientWidth / 2, box.y - canvas.clientHeight / 3);
    }
  }
}

// A drawing that is larger than its frame can be shown as a whole.
function addFitButton(canvas) {
  if (canvas.previousElementSibling?.matches(".canvas-tools")) return;
  if (canvas.scrollWidth <= canvas.clientWidth && canvas.scrollHeight <= canvas.clientHeight) return;
  const button = document.createElement("button");
  button.className = "quiet canvas-tools";
  button.textContent = "Show all of it";
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const isFit = canvas.classList.toggle("fit");
    button.setAttribute("aria-pressed", String(isFit));
    button.textContent = isFit ? "Show it at full size" : "Show all of it";
  });
  canvas.before(button);
}

prepare(document);
// The notice of an action does not come back when the page is loaded again.
const place = new URL(location.href);
if (place.searchParams.has("done")) {
  place.searchParams.delete("done");
  history.replaceState(null, "", place);
}

const timed = document.querySelector("[data-every]");
if (timed) setInterval(onNews, 1000 * timed.dataset.every);

if (document.body.dataset.updates) {
  source = new EventSource(document.body.dataset.updates);
  source.onopen = onNews; // something may have happened while the page was on its way
  source.onmessage = onNews;
}
