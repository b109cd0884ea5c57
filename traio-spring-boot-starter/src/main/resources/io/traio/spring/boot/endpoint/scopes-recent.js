
// ---- The memory: scopes that went wrong or were slow ---------------------------------------------------------------

const COLUMNS = [
  ["name", n => n.name], ["ended", n => n.count], ["failed", n => n.failures, true], ["timed out", n => n.timeouts, true],
  ["cancelled", n => n.cancelled], ["straggling", n => n.straggling, true], ["mean", n => human(seconds(n.mean))],
  ["p50", n => human(seconds(n.p50))], ["p99", n => human(seconds(n.p99))], ["max", n => human(seconds(n.max))],
];
let shown = "";

/** Shows the memory, unless that is what is shown: what the user has opened or selected stays. */
function showRecent(answer) {
  const bad = answer.total + " " + (answer.total === 1 ? "scope" : "scopes") + " went wrong or " + (answer.total === 1 ? "was" : "were") + " slow";
  text($("counts"), bad);
  document.title = "Recent scopes (" + answer.total + ")";
  note(answer.truncated ? "Not all is shown: the last " + answer.scopes.length + ". Add &limit=100 to the address for more." : "");
  $("empty").hidden = answer.names.length > 0 || answer.total > 0;
  text($("empty"), $("filter").value ? "No scope that has ended has this in its name." : "No scope has ended yet.");
  const state = JSON.stringify([answer.names, answer.scopes.map(s => s.scope.id)]);
  if (state === shown) return;
  shown = state;
  const open = new Set([...$("recent").querySelectorAll("details[open]")].map(d => d.dataset.id));
  const focus = document.activeElement?.closest("details")?.dataset.id;
  $("recent").replaceChildren(...(answer.names.length ? [names(answer)] : []), ...answer.scopes.map(s => entry(s, open)));
  if (focus) $("recent").querySelector("details[data-id='" + CSS.escape(focus) + "'] summary")?.focus();
}

function names(answer) {
  const table = element("table"), head = table.createTHead().insertRow(), body = table.createTBody();
  text(table.createCaption(), "Scopes that have ended since " + new Date(answer.since).toLocaleString());
  for (const [title] of COLUMNS) head.append(Object.assign(element("th", "", title), { scope: "col" }));
  for (const name of answer.names) {
    const row = body.insertRow();
    for (const [, value, isBad] of COLUMNS) row.append(element("td", isBad && value(name) ? "bad" : "", String(value(name))));
    row.cells[0].title = name.name;
  }
  return table;
}

function entry(past, open) {
  const details = element("details"), summary = element("summary");
  details.dataset.id = past.scope.id;
  const outcome = element("span", "outcome", past.outcome + (past.slow ? ", slow" : ""));
  outcome.dataset.outcome = past.outcome;
  const [thrown] = past.exceptions;
  summary.append(element("span", "", new Date(past.endedAt).toLocaleTimeString()), outcome, element("b", "", past.scope.name));
  if (past.root) summary.append(element("span", "", "in " + past.root + " #" + past.rootId));
  summary.append(...purpose(past.attributes));
  summary.append(element("span", "", "after " + human(seconds(past.duration))));
  if (thrown) summary.append(element("span", "", thrown.replace(/^.*\./, "")));
  if (past.stragglers.length) summary.append(element("span", "flag", past.stragglers.length === 1 ? "1 straggler" : past.stragglers.length + " stragglers"));
  details.append(summary);
  // The tree is made when it is first looked at.
  const fill = () => details.childElementCount === 1 && details.append(...facts(past), tree(past));
  details.addEventListener("toggle", () => details.open && fill());
  if (open.has(past.scope.id)) {
    fill();
    details.open = true;
  }
  return details;
}

function facts(past) {
  return [
    past.exceptions.length && past.exceptions.join(", caused by "),
    past.failed && "Failed: " + past.failed,
    past.stragglers.length && "Did not end in time: " + past.stragglers.join(", "),
    past.unwind && "Ended " + human(seconds(past.unwind)) + " after it was cancelled",
    "This was unfinished" + (past.truncated ? " (not all is shown)" : "") + ":",
  ].filter(fact => fact).map(fact => element("p", "", fact));
}

function tree(past) {
  const list = element("div");
  list.setAttribute("role", "treegrid");
  list.setAttribute("aria-label", "What was unfinished");
  for (const item of flatten([past.scope])) {
    const row = makeRow(item);
    update(row, item, 0);
    if (row.now) move(row, row.now);
    list.append(row);
  }
  return list;
}

/** Leads to both views, with the same filter. */
function links() {
  const name = $("filter").value && "name=" + encodeURIComponent($("filter").value);
  $("live").href = base + (name && "?" + name);
  $("past").href = base + "?view=recent" + (name && "&" + name);
}

$("recent").hidden = !recent;
for (const id of ["grid", "state", "sort"]) $(id).hidden = recent;
document.querySelector("footer").hidden = recent;
$(recent ? "past" : "live").setAttribute("aria-current", "page");
drawAxis();
links();
poll();
