"use strict";
const $ = id => document.getElementById(id);
const page = document.documentElement;
$("blocked").remove();
const cancellable = page.dataset.cancellable === "true";
const base = location.pathname.replace(/\/+$/, "");
const MAX_INDENT = 24;
const CONFIRM_AFTER = 300; // milliseconds: the second half of a double click is not a confirmation
const FLAGS = [
  [t => t.master, "master", "The scope ends when this task ends"],
  [t => !t.bubble, "no bubble", "Its failure does not cancel the scope"],
  [t => t.toJoin, "to join", "Its failure is for the code that joins it"],
  [t => !t.awaited, "background", "The scope does not wait for it"],
];
const recent = new URLSearchParams(location.search).get("view") === "recent";
const rows = new Map();
const folded = new Set();
let active = null, last = null, seen = null, paused = false, timer = 0, typing = 0, request = 0;

// ---- Times -------------------------------------------------------------------------------------------------------

/** An ISO duration, as the endpoint writes it, in seconds. */
function seconds(iso) {
  const part = /^P(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/.exec(iso || "");
  return part ? [86400, 3600, 60, 1].reduce((sum, unit, i) => sum + unit * (part[i + 1] || 0), 0) : null;
}

function human(s) {
  if (s < 1) return Math.round(s * 1000) + " ms";
  if (s < 60) return s.toFixed(1) + " s";
  if (s < 3600) return Math.floor(s / 60) + " m " + Math.floor(s % 60) + " s";
  return s < 86400 ? Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " m" : Math.floor(s / 86400) + " d";
}

// ---- The time axis: one for all rows. Now stands still, the past is left of it, deadlines are right of it. -----------

const PAST = 600, AHEAD = 60; // seconds to the edges
const TICKS = [[-600, "10 m"], [-60, "1 m"], [-10, "10 s"], [-1, "1 s"], [0, "now"], [1, "1 s"], [10, "10 s"], [60, "1 m"]];

/** How far a time is from now on the axis: each tenfold of a tenth of a second is one step further. */
const steps = s => Math.log10(1 + s / .1);
const NOW = 100 * steps(PAST) / (steps(PAST) + steps(AHEAD));

/** Where a time is on the axis, in percent; below 0 it is in the past. */
function place(s) {
  const at = NOW + Math.sign(s) * 100 * steps(Math.abs(s)) / (steps(PAST) + steps(AHEAD));
  return Math.min(100, Math.max(0, at)) + "%";
}

function drawAxis() {
  const line = s => "linear-gradient(var(" + (s ? "--line" : "--soft") + "), var(" + (s ? "--line" : "--soft") + ")) " + place(s) + " 0 / 1px 100%";
  page.style.setProperty("--ticks", TICKS.map(([s]) => line(s)).join(" no-repeat, "));
  page.style.setProperty("--now", NOW + "%");
  const heading = (name, title) => {
    const cell = element("div", name, title);
    cell.setAttribute("role", "columnheader");
    return cell;
  };
  const axis = heading("track");
  axis.setAttribute("aria-label", "Time: how long ago it began, and when its deadline is");
  for (const [s, label] of TICKS) {
    const tick = element("span", s === 0 ? "now edge" : s === -PAST || s === AHEAD ? "edge" : s === -60 || s === 10 ? "minor" : "", label);
    tick.style.left = place(s);
    axis.append(tick);
  }
  $("head").append(heading("name", "Name"), heading("state", "State"), axis, heading("time", "Age"), heading("left", "Left"), heading("act", ""));
}

// ---- Rows --------------------------------------------------------------------------------------------------------

/** Whether a node has the state that is filtered by. */
function isWanted(node) {
  const wanted = $("state").value, state = node.straggling ? "straggling" : node.state;
  return !wanted || state === wanted || wanted === "ending" && state === "cancelling" || wanted === "open" && state === "completing";
}

/** The part of a scope that has the state: nodes that have it, and the scopes around them; null if there is none. */
function wanted(scope) {
  if (!$("state").value) return scope;
  const tasks = scope.tasks.filter(isWanted), children = scope.children.map(wanted).filter(child => child);
  return tasks.length || children.length || isWanted(scope) ? { ...scope, tasks, children, omitted: 0 } : null;
}

function leastLeft(scope) {
  return Math.min(seconds(scope.remaining) ?? Infinity, ...scope.children.map(leastLeft));
}

/** The root scopes to show, in the order that was chosen; the endpoint has the oldest first. */
function arrange(roots) {
  const shown = roots.map(wanted).filter(root => root);
  switch ($("sort").value) {
    case "young": return shown.reverse();
    case "left": return shown.map(root => [leastLeft(root), root]).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([, root]) => root);
    default: return shown;
  }
}

/** The rows to show, in order. */
function flatten(scopes) {
  const items = [];
  for (const root of scopes)
    (function visit(scope, depth, parent) {
      const key = "s" + scope.id;
      const inner = scope.tasks.length + scope.children.length;
      items.push({ key, parent, depth, node: scope, scope: true, inner, remaining: scope.remaining });
      if (folded.has(key)) return;
      for (const task of scope.tasks) items.push({ key: "t" + task.id, parent: key, depth: depth + 1, node: task, remaining: scope.remaining });
      for (const child of scope.children) visit(child, depth + 1, key);
      if (scope.omitted) items.push({ key: "m" + scope.id, parent: key, depth: depth + 1, more: scope.omitted });
    })(root, 0, null);
  return items;
}

function element(tag, className, text) {
  const e = document.createElement(tag);
  e.className = className || "";
  if (text !== undefined) e.textContent = text;
  return e;
}

/** What a root scope is for: the request, the method, its trace, and what the application says. */
function purpose(attributes) {
  const { "http.request.method": method, "http.route": route, "code.function.name": called, traceId, ...others } = attributes || {};
  const words = [];
  if (method) words.push(element("span", "what", method + (route ? " " + route : "")));
  if (called) words.push(element("span", "what", called.split(".").slice(-2).join(".")));
  for (const [key, value] of Object.entries(others)) words.push(element("span", "what", key + " " + value));
  if (traceId && page.dataset.traceLink) {
    const link = element("a", "what", "trace");
    link.href = page.dataset.traceLink.replaceAll("{traceId}", encodeURIComponent(traceId));
    words.push(Object.assign(link, { target: "_blank", rel: "noreferrer", title: traceId }));
  }
  return words;
}

function makeRow(item) {
  const row = element("div", "row " + (item.scope ? "scope" : item.more ? "more" : "task"));
  row.setAttribute("role", "row");
  row.tabIndex = -1;
  row.key = item.key;
  const cell = name => {
    const c = element("div", name);
    c.setAttribute("role", "gridcell");
    row.append(c);
    return c;
  };
  const name = cell("name");
  name.append(element("span", "guides"));
  row.twisty = element("span", "twisty");
  row.label = element("span", item.more ? "" : "label");
  name.append(row.twisty, row.label);
  if (item.more) return row;
  name.append(element("span", "id", "#" + item.node.id), ...purpose(item.node.attributes));
  if (!item.scope)
    for (const [test, text, title] of FLAGS)
      if (test(item.node)) name.append(Object.assign(element("span", "flag", text), { title }));
  row.state = cell("state");
  const track = cell("track");
  row.bar = element("div", "bar");
  row.deadline = element("div", "deadline");
  row.past = element("span", "beyond past", "◂");
  row.ahead = element("span", "beyond ahead", "▸");
  track.append(row.bar, row.deadline, row.past, row.ahead);
  row.past.title = "Older than the axis shows";
  row.ahead.title = "The deadline is beyond the edge";
  row.time = cell("time");
  row.left = cell("left");
  const act = cell("act");
  if (item.scope && cancellable && !recent) {
    row.cancel = element("button", "cancel", "Cancel");
    row.cancel.tabIndex = -1;
    act.append(row.cancel);
  }
  return row;
}

function text(e, value) {
  if (e.textContent !== value) e.textContent = value;
}

/** Shows a flag of a scope that comes and goes. */
function flag(row, on, name, label, title) {
  const shown = row.querySelector("." + name);
  if (!on && shown) shown.remove();
  if (on && shown) text(shown, label);
  if (on && !shown) row.querySelector(".name").append(Object.assign(element("span", "flag " + name, label), { title }));
}

/** Shows a name, with what is filtered by marked in it. */
function label(row, name) {
  if (row.label.textContent === name && row.label.filter === $("filter").value) return;
  const filter = row.label.filter = $("filter").value, at = filter ? name.toLowerCase().indexOf(filter.toLowerCase()) : -1;
  if (at < 0) return row.label.replaceChildren(name);
  const end = at + filter.length;
  row.label.replaceChildren(name.slice(0, at), element("mark", "", name.slice(at, end)), name.slice(end));
}

function update(row, item, tick) {
  row.item = item;
  row.classList.remove("gone");
  row.setAttribute("aria-level", item.depth + 1);
  row.style.setProperty("--depth", Math.min(item.depth, MAX_INDENT));
  if (item.more) return text(row.label, "… " + item.more + " more");
  const { node } = item;
  const age = seconds(node.age), left = seconds(item.remaining);
  const started = item.scope || node.state !== "queued";
  row.dataset.state = node.straggling ? "straggling" : node.state;
  flag(row, node.straggling, "straggles", "body straggles", "It was cancelled, and its body did not end in time");
  flag(row, node.shielded, "shielded", "shielded", "The cancellation of what is around it does not reach it");
  if (item.inner) row.setAttribute("aria-expanded", !folded.has(item.key));
  else row.removeAttribute("aria-expanded");
  label(row, node.name);
  const kind = item.scope && node.kind !== "scope" ? node.kind : "";
  row.label.title = (kind ? kind + " " : "") + node.name + (node.thread ? "\non " + node.thread : "") + (node.cancelled ? "\ncancelled: " + node.cancelled : "");
  flag(row, kind && kind !== node.name, "kind", kind, "");
  flag(row, node.waitsFor && node.waitsFor !== "its members", "waits", "waits for " + node.waitsFor, "");
  text(row.twisty, item.inner ? (folded.has(item.key) ? "▸" : "▾") : "");
  text(row.state, node.state);
  text(row.time, started ? human(age) : "");
  const own = item.scope && left !== null;
  text(row.left, own ? human(left) : "");
  row.left.classList.toggle("soon", own && left < 1);
  row.bar.hidden = !started;
  row.past.hidden = !started || age <= PAST;
  row.ahead.hidden = !own || left <= AHEAD;
  row.deadline.hidden = left === null || left > AHEAD;
  row.now = [place(-age), place(left || 0)];
  row.next = [place(-age - tick), place(Math.max(0, (left || 0) - tick))];
  if (row.cancel) row.cancel.hidden = !["open", "completing"].includes(node.state);
}

/** Moves bar and deadline of a row; a row that stands for what was left out has neither. */
function move(row, places) {
  if (places) [row.bar.style.left, row.deadline.style.left] = places;
}

function show(answer, tick) {
  const items = flatten(arrange(answer.scopes)), tree = $("tree");
  tree.style.setProperty("--tick", tick + "s");
  const seen = new Set(items.map(item => item.key)), fresh = [];
  // Ending rows first, so that the rows that stay are not moved before them and lose the focus.
  for (const [key, row] of rows) if (!seen.has(key)) remove(row);
  let at = tree.firstChild;
  for (const item of items) {
    let row = rows.get(item.key);
    if (!row) {
      rows.set(item.key, row = makeRow(item));
      fresh.push(row);
    }
    update(row, item, tick);
    while (at && at !== row && at.classList.contains("gone")) at = at.nextSibling;
    if (at === row) at = row.nextSibling;
    else tree.insertBefore(row, at);
  }
  const jump = on => fresh.filter(row => row.bar).forEach(row => row.bar.style.transition = row.deadline.style.transition = on ? "none" : "");
  jump(true);
  for (const row of fresh) move(row, row.now);
  tree.offsetWidth; // new bars start where they are and move from there
  jump(false);
  for (const item of items) move(rows.get(item.key), rows.get(item.key).next);
  if (!active || !rows.has(active)) select(items.length ? items[0].key : null, false);
  count(answer);
}

function remove(row) {
  rows.delete(row.key);
  if (active === row.key) {
    const other = neighbour(row, "nextSibling") || neighbour(row, "previousSibling");
    select(other ? other.key : null, row.contains(document.activeElement));
  }
  row.classList.add("gone");
  setTimeout(() => row.classList.contains("gone") && row.remove(), 600);
}

function neighbour(row, which) {
  do row = row[which]; while (row && !rows.has(row.key));
  return row;
}

function count(answer) {
  let scopes = 0, tasks = 0, stragglers = 0;
  (function add(list) {
    for (const scope of list) {
      scopes++;
      tasks += scope.tasks.length;
      stragglers += (scope.straggling ? 1 : 0) + scope.tasks.filter(t => t.state === "straggling").length;
      add(scope.children);
    }
  })(answer.scopes);
  const plural = (n, word) => n + " " + word + (n === 1 ? "" : "s");
  $("counts").replaceChildren(plural(scopes, "scope") + " · " + plural(tasks, "task"));
  if (stragglers) $("counts").append(" · ", element("span", "bad", plural(stragglers, "straggler")));
  document.title = scopes ? "Scopes (" + scopes + ")" : "Scopes";
  $("empty").hidden = scopes > 0;
  $("empty").hidden &&= $("tree").querySelector(".row:not(.gone)") !== null;
  text($("empty"), $("state").value ? "Nothing is in this state." : $("filter").value ? "No scope or task has this in its name." : "No scope is open right now.");
  const limit = new URLSearchParams(location.search).get("limit") || 200;
  const cut = scopes >= limit || tasks >= 5 * limit
    ? "of " + plural(answer.total, "root scope") + " with what is in them, the first " + plural(scopes, "scope") + ". Add ?limit= to the address for more."
    : "only 100 levels.";
  note(answer.truncated ? "Not all is shown: " + cut : "");
}

function note(message) {
  $("note").hidden = !message;
  text($("note"), message);
}

// ---- Talking to the endpoint -------------------------------------------------------------------------------------

function query() {
  const parameters = new URLSearchParams(location.search), name = $("filter").value;
  if (name) parameters.set("name", name);
  else parameters.delete("name");
  const text = parameters.toString();
  return text && "?" + text;
}

async function ask(path, options) {
  const answer = await fetch(base + path, { cache: "no-store", ...options, headers: { Accept: "application/json", ...options?.headers } });
  if (!answer.ok) throw Object.assign(new Error("The server says " + answer.status), { status: answer.status });
  return answer;
}

/** Says whether what is shown is old. */
function offline(on) {
  if (!on) seen = new Date();
  page.classList.toggle("offline", on);
  text($("pulse"), paused ? "paused" : on ? "offline" : "live");
}

/** Requests the scopes now, and then repeatedly; while paused only on demand, and once. */
async function poll(now) {
  clearTimeout(timer);
  const mine = ++request;
  if (document.hidden || paused && !now) return;
  const start = performance.now();
  let tick = .5;
  try {
    const answer = await (await ask(query())).json();
    if (mine !== request) return;
    tick = Math.max(tick, 4 * (performance.now() - start) / 1000); // a slow server gets fewer requests
    offline(false);
    if (recent) showRecent(answer);
    else show(last = answer, paused ? 0 : tick);
    if (recent) tick = Math.max(tick, 2);
  } catch (e) {
    if (mine !== request) return;
    tick = 2;
    offline(true);
    note((e.status ? e.message : e instanceof SyntaxError ? "The answer is not JSON; are you still logged in?" : "No connection") + (paused ? "." : "; trying again.")
      + (seen ? " This is how it was at " + seen.toLocaleTimeString() + "." : ""));
  }
  if (!paused) timer = setTimeout(poll, tick * 1000);
}

/** Sends the token of the page, or that of the cookie: which of them the server wants in a header is its secret. */
async function deleteScope(id) {
  const { csrfHeader, csrfToken } = page.dataset;
  const remove = (name, token) => ask("/" + id, { method: "DELETE", headers: token ? { [name]: token } : {} });
  const cookie = /(?:^|;\s*)XSRF-TOKEN=([^;]*)/.exec(document.cookie);
  const fromCookie = () => remove(csrfHeader || "X-XSRF-TOKEN", cookie && decodeURIComponent(cookie[1]));
  if (!csrfHeader) return fromCookie();
  try {
    return await remove(csrfHeader, csrfToken);
  } catch (e) {
    if (e.status === 403 && cookie) return fromCookie();
    throw e;
  }
}

/** Asks for confirmation on the first call, and cancels on the second. */
function cancel(row) {
  const button = row.cancel;
  if (cancellable && !row.item.scope) say("A task is cancelled with its scope");
  if (!button || button.hidden) return;
  if (!button.classList.contains("armed")) {
    button.classList.add("armed");
    button.armedAt = performance.now();
    text(button, "Sure?");
    button.timer = setTimeout(() => disarm(button), 3000);
    return;
  }
  if (performance.now() - button.armedAt < CONFIRM_AFTER) return;
  disarm(button);
  const what = "“" + row.item.node.name + "”";
  deleteScope(row.item.node.id).then(
    () => say("Cancelled " + what),
    e => say(e.status === 404 ? what + " has ended already" : e.status ? "Not cancelled: the server says " + e.status : "Not cancelled: no connection"))
    .then(() => poll(true));
}

function disarm(button) {
  clearTimeout(button.timer);
  button.classList.remove("armed");
  text(button, "Cancel");
}

function say(message) {
  text($("said"), message);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => text($("said"), ""), 5000);
}

// ---- Details -----------------------------------------------------------------------------------------------------

async function detail(row) {
  const item = row.item.scope ? row.item : rows.get(row.item.parent)?.item;
  if (!item) return;
  try {
    const { scope } = await (await ask("/" + item.node.id)).json();
    const all = [];
    (function collect(s) {
      for (const task of s.tasks) all.push([s, task]);
      s.children.forEach(collect);
    })(scope);
    const buttons = element("nav"), again = element("button", "", "Refresh"), close = element("button", "", "Close");
    again.onclick = () => detail(row);
    close.onclick = closeDetail;
    buttons.append(again, close);
    const opened = "Scope #" + scope.id + (scope.kind === "scope" ? "" : ", a " + scope.kind) + ", " + scope.state + (scope.cancelled ? " (" + scope.cancelled + ")" : "") + ", opened at " + new Date(scope.openedAt).toLocaleTimeString() + (scope.thread ? " on " + scope.thread : "") + (scope.waitsFor ? ", waits for " + scope.waitsFor : "");
    $("detail").replaceChildren(buttons, Object.assign(element("h2", "", scope.name), { id: "subject" }), element("p", "", opened));
    for (const [key, value] of Object.entries(scope.attributes || {}))
      $("detail").append(element("p", "attribute", key + ": " + value));
    if (all.length && !all.some(([, task]) => task.stack))
      $("detail").append(element("p", "", "Stack traces are not shown: management.endpoint.scopes.show-stacks decides."));
    for (const [s, task] of all) {
      const title = element("h3", "", task.name + " ");
      const where = s === scope ? "" : " in " + s.name;
      title.append(element("small", "", "#" + task.id + where + ", " + task.state + (task.thread ? " on " + task.thread : "") + (task.waitsFor ? ", waits for " + task.waitsFor : "")));
      $("detail").append(title);
      if (task.stack) $("detail").append(element("pre", "", task.stack.join("\n")));
    }
    if (!$("detail").open) $("detail").showModal();
    close.focus();
  } catch (e) {
    say(e.status === 404 ? "The scope has ended" : "No details: " + e.message);
  }
}

function closeDetail() {
  $("detail").close();
}

$("detail").addEventListener("close", () => rows.get(active)?.focus());
$("detail").addEventListener("click", event => event.target === $("detail") && event.offsetX < 0 && closeDetail());

// ---- Keyboard and mouse ------------------------------------------------------------------------------------------

function select(key, focus) {
  for (const k of [active, key]) {
    const row = rows.get(k), on = k === key;
    if (!row) continue;
    row.setAttribute("aria-selected", on);
    row.tabIndex = on ? 0 : -1;
    if (row.cancel) row.cancel.tabIndex = on ? 0 : -1;
  }
  active = key;
  if (focus) rows.get(key)?.focus();
}

function fold(key, on) {
  if (on) folded.add(key);
  else folded.delete(key);
  if (paused) show(last, 0);
  else poll();
}

$("tree").addEventListener("click", event => {
  const row = event.target.closest(".row");
  if (!row || !rows.has(row.key) || row.item.more) return;
  select(row.key, event.target !== row.cancel);
  if (event.target === row.cancel) cancel(row);
  else if (event.target === row.twisty && row.item.inner) fold(row.key, !folded.has(row.key));
  else if (row.label.contains(event.target)) detail(row);
});

$("tree").addEventListener("keydown", event => {
  const row = rows.get(active);
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  const shown = [...$("tree").children].filter(r => !r.classList.contains("gone"));
  const at = shown.indexOf(row), open = row.item.inner && !folded.has(row.key);
  const go = other => other && select(other.key, true);
  if (event.target === row.cancel && (event.key === "Enter" || event.key === " ")) {
    if (event.repeat) event.preventDefault();
    return;
  }
  switch (event.key) {
    case "ArrowDown": go(shown[at + 1]); break;
    case "ArrowUp": go(shown[at - 1]); break;
    case "Home": go(shown[0]); break;
    case "End": go(shown[shown.length - 1]); break;
    case "ArrowRight": open ? go(shown[at + 1]) : row.item.inner && fold(row.key, false); break;
    case "ArrowLeft": open ? fold(row.key, true) : go(rows.get(row.item.parent)); break;
    case "Enter": row.item.more || detail(row); break;
    case "Delete": if (!event.repeat) cancel(row); break;
    default: return;
  }
  event.preventDefault();
});

document.addEventListener("keydown", event => {
  if (event.altKey || event.ctrlKey || event.metaKey || $("detail").open) return;
  if (event.target !== $("filter") && event.key === "/") $("filter").focus();
  else if (event.target !== $("filter") && event.key === "p") pause();
  else return;
  event.preventDefault();
});

$("filter").addEventListener("input", () => {
  clearTimeout(timer);
  clearTimeout(typing);
  request++;
  typing = setTimeout(() => {
    history.replaceState(null, "", base + query());
    links();
    poll(true);
  }, 200);
});

for (const select of [$("state"), $("sort")]) select.addEventListener("change", () => last && show(last, 0));

function pause() {
  paused = !paused;
  $("pulse").setAttribute("aria-pressed", paused);
  text($("pulse"), paused ? "paused" : "live");
  poll();
}

$("pulse").addEventListener("click", pause);
document.addEventListener("visibilitychange", () => poll());
$("hint").hidden = !cancellable;
$("filter").value = new URLSearchParams(location.search).get("name") || "";
