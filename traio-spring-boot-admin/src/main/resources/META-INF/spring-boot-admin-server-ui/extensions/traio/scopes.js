// SPDX-License-Identifier: Apache-2.0
//
// Shows the endpoint "scopes" of traio in Spring Boot Admin: a view of each instance, and one of all instances. Spring Boot Admin
// loads this as a classic script when Vue and SBA are there. Whatever an instance says becomes text nodes and attributes, never HTML.
"use strict";
(() => {
  const { computed, h, onBeforeUnmount, onMounted, ref, resolveComponent, shallowRef, watch } = Vue;

  const LIVE = 1_000, MEMORY = 5_000, FLEET = 5_000; // milliseconds from one answer to the next request, or more
  const TIMEOUT = 10_000; // milliseconds
  const MAX_SCOPES = 100, MAX_RECENT = 20, MAX_NAMES = 20, MAX_INSTANCES = 100;
  const AT_ONCE = 4; // instances that are asked at the same time
  const LATELY = 5 * 60; // seconds
  const MAX_INDENT = 24;

  // ---- Talking to instances, through the proxy of the server -----------------------------------------------------------

  /** Requests the endpoint of an instance. Its errors have a message that can be shown. */
  async function ask(instance, params, signal) {
    let answer;
    try {
      // With a slash in front: else Spring Boot Admin takes a 401 of the instance for one of its own, and goes to its log-in.
      answer = await instance.axios.get("/actuator/scopes", { params, signal, timeout: TIMEOUT, suppressToast: true });
    } catch (e) {
      throw new Error(e.response ? "The answer was " + e.response.status : "No answer");
    }
    if (!Array.isArray(answer.data?.scopes)) throw new Error("The answer is not that of traio's endpoint");
    return { ...answer.data, at: Date.parse(answer.headers.date) || Date.now() };
  }

  /**
   * Repeats a request for as long as the view is there and the page can be seen. There is never more than one, and a slow server
   * gets fewer. Returns what requests at once.
   */
  function poll(every, request) {
    let timer = 0, control = new AbortController();
    async function next() {
      clearTimeout(timer);
      control.abort();
      if (document.hidden) return;
      const { signal } = control = new AbortController(), start = performance.now();
      await request(signal);
      if (!signal.aborted) timer = setTimeout(next, Math.max(every, 4 * (performance.now() - start)));
    }
    onMounted(() => {
      document.addEventListener("visibilitychange", next);
      next();
    });
    onBeforeUnmount(() => {
      document.removeEventListener("visibilitychange", next);
      clearTimeout(timer);
      control.abort();
    });
    return next;
  }

  // ---- Words -------------------------------------------------------------------------------------------------------------

  /** An ISO duration, as the endpoint writes it, in seconds. */
  function seconds(iso) {
    const part = /^P(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/.exec(iso || "");
    return part ? [86400, 3600, 60, 1].reduce((sum, unit, i) => sum + unit * (part[i + 1] || 0), 0) : null;
  }

  function human(s) {
    if (s === null) return "";
    if (s < 1) return Math.round(s * 1000) + " ms";
    if (s < 60) return s.toFixed(1) + " s";
    if (s < 3600) return Math.floor(s / 60) + " m " + Math.floor(s % 60) + " s";
    return s < 86400 ? Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " m" : Math.floor(s / 86400) + " d";
  }

  const plural = (n, word, more) => n + (more ? "+" : "") + " " + word + (n === 1 ? "" : "s");
  const said = (...parts) => parts.filter(part => part).join(", ");
  const simpleName = type => type.replace(/^.*\./, "");

  /** What a root scope is for: the request, the method, its trace, and what the application says. */
  function purpose(attributes) {
    const { "http.request.method": method, "http.route": route, "code.function.name": called, traceId, ...others } = attributes || {};
    return said(method && method + (route ? " " + route : ""), called && called.split(".").slice(-2).join("."),
      ...Object.entries(others).map(([key, value]) => key + " " + value), traceId && "trace " + traceId);
  }

  const flags = task => said(task.master && "master", !task.bubble && "no bubble", task.toJoin && "to join", !task.awaited && "background");

  /** Counts what an answer shows. */
  function count(scopes) {
    const counts = { scopes: 0, tasks: 0, stragglers: 0 };
    (function add(list) {
      for (const scope of list) {
        counts.scopes++;
        counts.tasks += scope.tasks.length;
        counts.stragglers += (scope.straggling ? 1 : 0) + scope.tasks.filter(task => task.state === "straggling").length;
        add(scope.children);
      }
    })(scopes);
    return counts;
  }

  // ---- Parts of views ----------------------------------------------------------------------------------------------------

  function panel(title, subtitle, content) {
    return h(resolveComponent("sba-panel"), { title, subtitle, seamless: true }, { default: () => content });
  }

  function table(titles, rows) {
    return h("div", { class: "traio-scroll" }, h("table", { class: "table table-full table-sm traio-table" }, [
      h("thead", h("tr", titles.map(title => h("th", { scope: "col" }, title)))),
      h("tbody", rows),
    ]));
  }

  const cell = (text, isBad) => h("td", { class: isBad ? "traio-bad" : "" }, String(text));
  const note = text => text ? h("p", { class: "traio-note" }, text) : null;
  const problem = text => text ? h("p", { class: "traio-note traio-bad", role: "alert" }, text) : null;

  /** A tree of scopes as rows of a table. */
  function tree(scopes) {
    const rows = [];
    const add = (key, depth, kind, node, more) => rows.push(h("tr", { key, class: "traio-" + kind }, [
      h("td", { class: "traio-name", style: { paddingLeft: 12 + 18 * Math.min(depth, MAX_INDENT) + "px" } }, [
        node.name,
        h("span", { class: "traio-soft" }, " #" + node.id + (more.flags ? " " + more.flags : "")),
      ]),
      cell(node.straggling ? "straggling" : node.state, node.straggling || node.state === "straggling"),
      cell(node.state === "queued" ? "" : human(seconds(node.age))),
      cell(human(seconds(node.remaining))),
      h("td", { class: "traio-soft" }, said(more.purpose, node.cancelled && "cancelled: " + node.cancelled,
        node.waitsFor && "waits for " + node.waitsFor, node.thread && "on " + node.thread)),
    ]));
    (function visit(list, depth) {
      for (const scope of list) {
        const kind = scope.kind === "scope" || scope.kind === scope.name ? "" : scope.kind;
        add("s" + scope.id, depth, "scope", scope, { flags: said(kind, scope.shielded && "shielded"), purpose: purpose(scope.attributes) });
        for (const task of scope.tasks) add("t" + task.id, depth + 1, "task", task, { flags: flags(task) });
        visit(scope.children, depth + 1);
        if (scope.omitted) rows.push(h("tr", { key: "m" + scope.id }, h("td", { class: "traio-soft", colspan: 5 }, "… " + scope.omitted + " more in " + scope.name)));
      }
    })(scopes, 0);
    return table(["Name", "State", "Age", "Left", "Details"], rows);
  }

  // ---- One instance ------------------------------------------------------------------------------------------------------

  function livePanel(live, filter) {
    if (!live) return panel("Now", "", note("…"));
    const { scopes, tasks, stragglers } = count(live.scopes);
    const subtitle = [plural(scopes, "scope"), plural(tasks, "task"), stragglers && plural(stragglers, "straggler")].filter(part => part).join(" · ");
    return panel("Now", subtitle, [
      live.scopes.length ? tree(live.scopes) : note(filter ? "No scope or task has this in its name." : "No scope is open right now."),
      note(live.truncated && "Not all is shown. There are " + plural(live.total, "root scope") + "; the filter finds the others."),
    ]);
  }

  function namesPanel(past) {
    const rows = past.names.slice(0, MAX_NAMES).map(n => h("tr", { key: n.name }, [
      h("td", { class: "traio-name" }, n.name), cell(n.count), cell(n.failures, n.failures), cell(n.timeouts, n.timeouts), cell(n.cancelled),
      cell(n.straggling, n.straggling), cell(human(seconds(n.p50))), cell(human(seconds(n.p99))), cell(human(seconds(n.max))),
    ]));
    return panel("By name", "since " + new Date(past.since).toLocaleString(), [
      table(["Name", "Ended", "Failed", "Timed out", "Cancelled", "Straggling", "p50", "p99", "Max"], rows),
      note(past.names.length > MAX_NAMES && "These are the " + MAX_NAMES + " most frequent names of " + past.names.length + "."),
    ]);
  }

  function facts(past) {
    return [
      past.exceptions.length && past.exceptions.join(", caused by "),
      past.failed && "Failed: " + past.failed,
      past.stragglers.length && "Did not end in time: " + past.stragglers.join(", "),
      past.unwind && "Ended " + human(seconds(past.unwind)) + " after it was cancelled",
      "This was unfinished" + (past.truncated ? " (not all is shown)" : "") + ":",
    ].filter(fact => fact).map(note);
  }

  /** Two rows for each scope that went wrong: what happened and, once it is asked for, what was unfinished then. */
  function memoryPanel(past, opened, toggle) {
    const rows = past.scopes.flatMap(entry => {
      const { id, name } = entry.scope, isOpen = opened.has(id);
      const row = h("tr", { key: id }, [
        cell(new Date(entry.endedAt).toLocaleTimeString()),
        h("td", h("button", { class: "traio-more", type: "button", "aria-expanded": isOpen, onClick: () => toggle(id) }, (isOpen ? "▾ " : "▸ ") + name)),
        cell(said(entry.outcome, entry.slow && "slow"), entry.outcome === "failure" || entry.outcome === "timeout"),
        cell(human(seconds(entry.duration))),
        cell(entry.exceptions.length ? simpleName(entry.exceptions[0]) : ""),
        cell(entry.stragglers.length || "", true),
        h("td", { class: "traio-soft" }, said(entry.root && entry.root + " #" + entry.rootId, purpose(entry.attributes))),
      ]);
      return isOpen ? [row, h("tr", { key: id + "+" }, h("td", { colspan: 7 }, [...facts(entry), tree([entry.scope])]))] : [row];
    });
    return panel("Went wrong, or was slow", past.total ? "the last " + past.scopes.length + " of " + past.total : "", [
      past.scopes.length ? table(["Ended", "Scope", "Outcome", "After", "Exception", "Stragglers", "In"], rows) : note("Nothing."),
    ]);
  }

  /** The address of the instance's own live page, where Spring Boot Admin may show addresses; null if there is none. */
  function livePage(instance) {
    if (instance.showUrl?.() === false || instance.isUrlDisabled?.()) return null;
    const url = instance.endpoints.find(endpoint => endpoint.id === "scopes")?.url;
    return /^https?:\/\//.test(url || "") ? url : null;
  }

  const InstanceScopes = {
    props: { instance: { type: Object, required: true } },
    setup(props) {
      const live = shallowRef(null), past = shallowRef(null), trouble = ref(""), memoryTrouble = ref(""), filter = ref(""), opened = shallowRef(new Set());
      const named = () => filter.value ? { name: filter.value } : {};
      /** Requests a view of the endpoint, and keeps what was there if that fails. */
      const load = async (params, signal, answer, error) => {
        try {
          const fresh = await ask(props.instance, { ...named(), ...params }, signal);
          if (signal.aborted) return;
          answer.value = fresh;
          error.value = "";
        } catch (e) {
          if (!signal.aborted) error.value = e.message;
        }
      };
      const now = poll(LIVE, signal => load({ limit: MAX_SCOPES }, signal, live, trouble));
      const memory = poll(MEMORY, signal => load({ view: "recent", limit: MAX_RECENT }, signal, past, memoryTrouble));
      const again = () => {
        now();
        memory();
      };
      watch(() => props.instance.id, () => {
        live.value = past.value = null;
        trouble.value = memoryTrouble.value = "";
        again();
      });
      let typing = 0;
      onBeforeUnmount(() => clearTimeout(typing));
      const type = event => {
        filter.value = event.target.value;
        clearTimeout(typing);
        typing = setTimeout(again, 300);
      };
      const toggle = id => {
        const changed = new Set(opened.value);
        if (!changed.delete(id)) changed.add(id);
        opened.value = changed;
      };
      return () => {
        const page = livePage(props.instance);
        return h("section", { class: "traio traio-instance" }, [
          h("div", { class: "traio-bar" }, [
            h("input", { type: "search", placeholder: "Filter by name", "aria-label": "Filter by name", value: filter.value, onInput: type }),
            page && h("a", { href: page, target: "_blank", rel: "noopener noreferrer" }, "Live page of the instance"),
          ]),
          problem(trouble.value && trouble.value + "; trying again." + (live.value ? " This is how it was." : "")),
          livePanel(live.value, filter.value),
          problem(memoryTrouble.value && "What went wrong cannot be shown: " + memoryTrouble.value),
          past.value && memoryPanel(past.value, opened.value, toggle),
          past.value && past.value.names.length ? namesPanel(past.value) : null,
        ]);
      };
    },
  };

  // ---- All instances -----------------------------------------------------------------------------------------------------

  /** What the list says of an instance. */
  async function summarize(instance, signal) {
    try {
      const live = await ask(instance, {}, signal), counts = count(live.scopes);
      const summary = { ...counts, more: live.truncated, oldest: live.scopes.length ? seconds(live.scopes[0].age) : null };
      try {
        const past = await ask(instance, { view: "recent", limit: MAX_RECENT }, signal);
        const failed = past.scopes.filter(s => (s.outcome === "failure" || s.outcome === "timeout") && past.at - Date.parse(s.endedAt) < LATELY * 1000);
        return { ...summary, failed: failed.length, failedMore: past.truncated && failed.length === past.scopes.length };
      } catch (e) {
        return { ...summary, failed: null, trouble: "No memory: " + e.message };
      }
    } catch (e) {
      return { trouble: e.message };
    }
  }

  const isBad = summary => Boolean(summary && (summary.stragglers || summary.failed));

  const AllScopes = {
    setup() {
      const { applications } = SBA.useApplicationStore();
      const summaries = shallowRef(new Map());
      const instances = computed(() => applications.value.flatMap(application => application.instances));
      const withEndpoint = computed(() => instances.value.filter(instance => instance.hasEndpoint("scopes")));
      const asked = computed(() => withEndpoint.value.slice(0, MAX_INSTANCES));

      const now = poll(FLEET, async signal => {
        const queue = [...asked.value], known = new Map();
        const work = async () => {
          for (let instance = queue.shift(); instance && !signal.aborted; instance = queue.shift()) {
            if (instance.statusInfo.status === "OFFLINE") known.set(instance.id, { trouble: "Offline" });
            else known.set(instance.id, await summarize(instance, signal));
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
        if (!signal.aborted) summaries.value = known;
      });
      watch(() => asked.value.map(instance => instance.id).join(), now);

      const row = instance => {
        const s = summaries.value.get(instance.id), has = s && s.scopes !== undefined;
        const { name } = instance.registration;
        return h("tr", { key: instance.id, "data-instance": instance.id }, [
          h("td", { class: "traio-name" }, h(resolveComponent("router-link"), { to: { name: "instances/scopes", params: { instanceId: instance.id } } },
            { default: () => [name, h("span", { class: "traio-soft" }, " " + instance.id)] })),
          h("td", h(resolveComponent("sba-status-badge"), { status: instance.statusInfo.status })),
          cell(has ? s.scopes + (s.more ? "+" : "") : ""),
          cell(has ? s.stragglers : "", has && s.stragglers),
          cell(has && s.failed !== null ? s.failed + (s.failedMore ? "+" : "") : "", has && s.failed),
          cell(has ? human(s.oldest) : ""),
          h("td", { class: "traio-soft" }, s ? s.trouble || "" : "…"),
        ]);
      };
      /** Those with trouble first, and otherwise in an order that stays. */
      const ordered = () => [...asked.value].sort((a, b) => isBad(summaries.value.get(b.id)) - isBad(summaries.value.get(a.id))
        || a.registration.name.localeCompare(b.registration.name) || a.id.localeCompare(b.id));
      return () => {
        const without = instances.value.length - withEndpoint.value.length, left = withEndpoint.value.length - asked.value.length;
        return h("section", { class: "traio traio-fleet" }, panel("Scopes", plural(withEndpoint.value.length, "instance"), [
          asked.value.length
            ? table(["Instance", "Status", "Live scopes", "Stragglers", "Failed in 5 min", "Oldest", "Note"], ordered().map(row))
            : note("No instance exposes the endpoint “scopes”."),
          note(left > 0 && "Not shown: " + plural(left, "instance") + "."),
          note(without > 0 && plural(without, "instance") + " without the endpoint “scopes”."),
        ]));
      };
    },
  };

  SBA.use({
    install({ viewRegistry, i18n }) {
      i18n.mergeLocaleMessage("en", { traio: { scopes: "Scopes" } });
      viewRegistry.addView({
        name: "instances/scopes",
        parent: "instances",
        path: "scopes",
        component: InstanceScopes,
        label: "traio.scopes",
        group: "insights",
        order: 960,
        isEnabled: ({ instance }) => instance.hasEndpoint("scopes"),
      });
      viewRegistry.addView({ name: "scopes", path: "/scopes", component: AllScopes, label: "traio.scopes", order: 50 });
    },
  });
})();
