"use strict";
// Everything from outside goes in as text: nothing here makes markup.
const $ = (id) => document.getElementById(id);
const API = "/api/v1";
const SHOWN = 300;

const state = {
  language: 0, token: null, slot: 0, slots: [], card: null, exchanges: [], faults: null,
  open: new Set(), drawn: new Map(),
};

function kept(name) { try { return sessionStorage.getItem(name); } catch { return null; } }
function keep(name, value) { try { sessionStorage.setItem(name, value); } catch { /* a page without a memory works, too */ } }

function say(word) { const words = WORDS[word]; return words ? words[state.language] : word; }
function both(english, chinese) { return (state.language ? chinese : english) || english || chinese || ""; }

/** An element with a class, text and children. */
function make(kind, options, ...children) {
  const element = document.createElement(kind);
  const { text, label, ...rest } = options || {};
  for (const [name, value] of Object.entries(rest)) element.setAttribute(name, value);
  if (text !== undefined && text !== null) element.textContent = String(text);
  if (label) element.setAttribute("aria-label", label);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A part that opens; it stays as it is when it is drawn anew. */
function part(key, summary, ...children) {
  const head = make("summary", { "data-focus": "summary:" + key }, ...summary);
  const details = make("details", { "data-key": key }, head, ...children);
  const remember = (isOpen) => { if (isOpen) state.open.add(key); else state.open.delete(key); };
  details.open = state.open.has(key);
  // By a click or a key, it is known at once: "toggle" may come after what is drawn anew because of the next key.
  head.addEventListener("click", () => remember(!details.open));
  details.addEventListener("toggle", () => { if (details.isConnected) remember(details.open); });
  return details;
}

/** Draws a part of the page when what it shows has changed; the focus stays where it was. */
function draw(id, shows, children) {
  const seen = JSON.stringify([state.language, shows]);
  if (state.drawn.get(id) === seen) return;
  state.drawn.set(id, seen);
  const place = $(id);
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("data-focus") : null;
  place.replaceChildren(...children());
  if (focused) {
    const again = [...place.querySelectorAll("[data-focus]")].find((one) => one.getAttribute("data-focus") === focused);
    if (again) again.focus();
  }
}

function told(text, isBad) {
  $("said").textContent = text;
  $("said").classList.toggle("bad", Boolean(isBad));
}

async function ask(method, path, body) {
  const headers = {};
  if (state.token) headers.Authorization = "Bearer " + state.token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(API + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
  if (answer.status === 401) { askToken(); throw new Error(say("tokenAsked")); }
  const text = await answer.text();
  let value = null;
  try { value = text ? JSON.parse(text) : null; } catch { value = null; }
  if (!answer.ok) throw Object.assign(new Error((value && value.error) || String(answer.status)), { status: answer.status });
  return value;
}

function askToken() {
  state.token = null;
  $("ask-token").hidden = false;
  $("bench").hidden = true;
  $("token").focus();
}

const at = (rest) => "/slots/" + state.slot + rest;

/** Does something a button asks for, says what came of it, and looks anew. */
async function act(word, method, path, body) {
  try {
    const answer = await ask(method, path, body);
    told(say(word) + ": " + say("done"));
    await look();
    return answer;
  } catch (error) {
    told(say(word) + ": " + error.message, true);
    await look();
    return null;
  }
}

// What is looked at.

const busy = new Map();
/** Looks after a moment, once for all that happens in it, and never twice at a time. */
function soon(name, delay, work) {
  const entry = busy.get(name) || { timer: null, runs: false, again: false };
  busy.set(name, entry);
  if (entry.runs) { entry.again = true; return; }
  if (entry.timer !== null) return;
  entry.timer = setTimeout(async () => {
    entry.timer = null;
    entry.runs = true;
    try { await work(); } catch { /* the next event looks again */ }
    entry.runs = false;
    if (entry.again) { entry.again = false; soon(name, delay, work); }
  }, delay);
}

async function lookSlots() {
  state.slots = (await ask("GET", "/slots")).slots;
  if (!state.slots.some((slot) => slot.slot === state.slot)) state.slot = state.slots.length ? state.slots[0].slot : 0;
  drawSlots();
}
async function lookCard() {
  const slot = state.slot;
  const card = await ask("GET", at("/card")).catch((error) => { if (error.status === 409) return null; throw error; });
  if (slot === state.slot) { state.card = card; drawCard(); }
}
/** All exchanges, or those that are new. */
async function lookExchanges(isNew) {
  const slot = state.slot;
  const last = isNew && state.exchanges.length ? state.exchanges[state.exchanges.length - 1].number : 0;
  const { events } = await ask("GET", at("/exchanges" + (last ? "?after=" + last : "")));
  if (slot !== state.slot) return;
  state.exchanges = (last ? [...state.exchanges, ...events] : events).slice(-SHOWN);
  drawExchanges();
}
/** What can be inserted. */
async function lookStock() {
  const { cards, profiles } = await ask("GET", "/cards");
  const fill = (id, names) => {
    const chosen = $(id).value;
    $(id).replaceChildren(...names.map((name) => make("option", { text: name })));
    $(id).value = [chosen, "gen3", names[0]].find((name) => names.includes(name));
  };
  fill("profile", profiles);
  fill("card-name", cards);
  $("insert-file").hidden = !cards.length;
}
async function lookFaults() {
  const slot = state.slot;
  const answer = await ask("GET", at("/faults"));
  if (slot === state.slot) { state.faults = answer; drawFaults(); }
}
async function look() {
  try {
    await lookSlots();
    await Promise.all([lookCard(), lookExchanges(false), lookFaults(), lookStock()]);
  } catch (error) { told(error.message, true); }
}

function choose(number) {
  state.slot = number;
  state.card = null;
  state.exchanges = [];
  drawSlots();
  look();
}

// What is drawn.

function drawAll() {
  document.documentElement.lang = state.language ? "zh-CN" : "en";
  document.title = "sscard · " + say("readers");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.getAttribute("data-word"));
  $("language").textContent = say("language");
  drawLive();
  drawSlots();
  drawCard();
  drawExchanges();
  drawFaults();
}

function drawSlots() {
  draw("readers", [state.slots, state.slot], () => state.slots.map((slot) => {
    const facts = [];
    if (slot.card !== null) {
      facts.push(say(slot.powered ? "on" : "off"));
      if (slot.interface) facts.push(say(slot.interface));
    } else if (slot.ejected) facts.push(say("beside") + ": " + slot.ejected);
    const chosen = slot.slot === state.slot;
    const button = make("button", { type: "button", class: "reader", role: "radio", "aria-checked": String(chosen), tabindex: chosen ? "0" : "-1", "data-focus": "slot:" + slot.slot },
      make("strong", { text: slot.slot + " · " + (slot.card === null ? say("empty") : slot.card) }),
      make("span", { class: "soft", text: facts.join(" · ") }));
    if (slot.atr) button.append(make("code", { text: slot.atr }));
    button.addEventListener("click", () => choose(slot.slot));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const here = state.slots.findIndex((one) => one.slot === state.slot);
      const next = state.slots[(here + step + state.slots.length) % state.slots.length];
      choose(next.slot);
      const again = document.querySelector('#readers [aria-checked="true"]');
      if (again) again.focus();
    });
    return button;
  }));
  const slot = state.slots.find((one) => one.slot === state.slot);
  const isIn = Boolean(slot && slot.card !== null);
  $("eject").disabled = !isIn;
  $("reset").disabled = !isIn;
  $("insert").disabled = isIn || !(slot && slot.ejected);
  const snapshots = (slot && slot.snapshots) || [];
  draw("snapshots", [state.slot, snapshots], () => snapshots.map((name) => {
    const restore = make("button", { type: "button", class: "small", "data-focus": "restore:" + name, text: say("restore"), label: say("restore") + " " + name });
    restore.addEventListener("click", () => goBack(name));
    const remove = make("button", { type: "button", class: "small", text: say("removal"), label: say("removal") + " " + name });
    remove.addEventListener("click", () => act("removal", "DELETE", at("/snapshots/" + encodeURIComponent(name))));
    return make("li", {}, make("code", { text: name }), restore, remove);
  }));
}

function goBack(name) { return act("restore", "POST", at("/snapshots/" + encodeURIComponent(name) + "/restore")); }

function drawFaults() {
  const faults = state.faults || { faults: [], fired: [], seed: 0 };
  draw("faults", [state.slot, faults], () => {
    const set = faults.faults.map((text, number) => {
      const remove = make("button", { type: "button", class: "small", text: say("removal"), label: say("removal") + " " + text });
      remove.addEventListener("click", () => setFaults(faults.faults.filter((_, other) => other !== number)));
      return make("li", {}, make("code", { text }), remove);
    });
    const fired = (faults.fired || []).slice(-20).map((one) =>
      make("li", {}, make("span", { class: "soft", text: say("fired") + " " + one.command + ":" }), make("code", { text: one.fault })));
    return set.length || fired.length ? [...set, ...fired] : [make("li", { class: "soft", text: say("noFaults") })];
  });
}

function setFaults(list) {
  const seed = (state.faults && state.faults.seed) || 0;
  return list.length ? act("faults", "PUT", at("/faults"), { faults: list, seed }) : act("clear", "DELETE", at("/faults"));
}

function pair(word, value) { return value === null || value === undefined || value === "" ? [] : [make("dt", { text: say(word) }), make("dd", { text: value })]; }
function hexPair(word, value) { return value ? [make("dt", { text: say(word) }), make("dd", {}, make("code", { text: value }))] : []; }
function nameOf(name) { return name ? both(name.en, name.zh) : ""; }

function drawElements(elements) {
  if (!elements || !elements.length) return null;
  return make("ul", {}, ...elements.map((element) => make("li", {},
    make("code", { text: "· ".repeat(element.depth || 0) + (element.tag || "") + " " }),
    make("span", { text: nameOf(element.name) + (element.text !== undefined && element.text !== null ? ": " + element.text : "") + " " }),
    element.text === undefined || element.text === null ? make("code", { class: "soft", text: element.value }) : null,
    ...(element.notes || []).map((note) => make("div", { class: "soft", text: (note.place ? note.place + " " : "") + both(note.en, note.zh) })))));
}

function drawExchanges() {
  const events = [...state.exchanges].reverse();
  draw("exchanges", [state.slot, events], () => events.map((event) => {
    const key = "exchange:" + state.slot + ":" + event.n;
    const time = ((event.t_ns || 0) / 1e9).toFixed(3) + " s";
    if (event.ev !== "apdu") {
      const what = say({ reset: "resetDone", power_on: "on", power_off: "off" }[event.ev] || event.ev);
      return make("li", { value: event.n, class: "soft" }, make("span", { text: "#" + event.n + " " + time + " " + what + " " }), make("code", { text: event.atr || "" }));
    }
    const isGood = event.sw === "9000" || (event.sw || "").startsWith("61");
    const verdict = event.sw ? event.sw + " " + nameOf(event.status) : say("noAnswer");
    const place = event.place ? [event.place.directory, event.place.file, nameOf(event.place.name), event.place.part].filter(Boolean).join(" / ") : "";
    return make("li", { value: event.n },
      part(key,
        [make("span", { class: "soft", text: "#" + event.n + " " + say(event.origin || "driver") + " " }), make("span", { text: event.meaning + " " }),
          make("span", { class: isGood ? "good" : "bad", text: verdict })],
        make("dl", {}, ...hexPair("commandHex", event.command), ...(event.redacted ? pair("hidden", say("hiddenPart")) : []), ...hexPair("response", event.response), ...pair("noAnswer", event.error), ...pair("place", place), ...pair("note", event.note)),
        drawElements(event.asked), drawElements(event.objects)));
  }));
}

function yuan(cents) {
  const minus = cents < 0 ? "-" : "";
  const text = String(Math.abs(cents)).padStart(3, "0");
  return minus + text.slice(0, -2) + "." + text.slice(-2);
}

/** Hexadecimal digits; many of them open. */
function drawBytes(key, digits) {
  const all = make("p", {}, make("code", { text: digits }));
  if (digits.length <= 256) return all;
  return part(key, [make("code", { text: digits.slice(0, 32) + "…" }), make("span", { class: "soft", text: " " + digits.length / 2 + " " + say("byteCount") })], all);
}

function drawFile(file) {
  const name = both(file.name, file.name_zh);
  const head = [make("code", { text: file.path.split("/").slice(1).join("/") + " " }), make("span", { text: name + " " }),
    make("span", { class: "soft", text: say("read") + " " + say(file.read) + " · " + say("update") + " " + say(file.update) })];
  const records = file.records.map((record) => make("tr", {},
    make("td", {}, make("code", { text: record.tag ? "· ".repeat(record.depth || 0) + record.tag : record.number })),
    make("td", { text: both(record.name, record.name_zh) }),
    make("td", {}, record.text === null ? make("code", { text: record.value }) : make("span", { text: record.text }))));
  const plain = file.bytes && !records.length ? [drawBytes("bytes:" + file.path, file.bytes)] : [];
  return part("file:" + file.path, head,
    make("dl", {}, ...pair("structure", say(file.structure)), ...pair("size", file.size)),
    records.length ? make("table", {}, make("tbody", {}, ...records)) : null, ...plain);
}

/** Files by their directory, in the card's order. */
function drawTree(files) {
  const directories = new Map();
  for (const file of files) {
    const directory = file.path.split("/")[0];
    if (!directories.has(directory)) directories.set(directory, []);
    directories.get(directory).push(file);
  }
  return [...directories].map(([directory, inside]) =>
    part("directory:" + directory, [make("code", { text: directory }), make("span", { class: "soft", text: " " + inside.length })], ...inside.map(drawFile)));
}

function drawCard() {
  const card = state.card;
  draw("card", [state.slot, card], () => {
    if (!card) return [make("p", { class: "soft", text: say("noCard") })];
    const parts = [make("dl", {}, ...pair("profile", card.profile), ...pair("lifeCycle", say(card.life_cycle)), ...pair("algorithm", card.algorithm), ...hexPair("atr", card.atr))];
    if (card.pins.length) {
      parts.push(make("h3", { text: say("pins") }), make("table", { id: "pins" }, make("tbody", {}, ...card.pins.map((pin) => make("tr", {},
        make("th", { scope: "row", text: pin.path }),
        make("td", { class: pin.tries_left ? "" : "bad", text: pin.tries_left + " / " + pin.tries_max + " " + say("triesLeft") }))))));
    }
    if (card.medical_purse) {
      const purse = card.medical_purse;
      parts.push(make("h3", { text: say("purse") }), make("dl", { id: "purse" }, ...pair("balance", yuan(purse.balance_cents)), ...pair("selfPaid", yuan(purse.self_paid_cents)),
        ...pair("pooled", yuan(purse.pooled_cents)), ...pair("year", purse.year), ...pair("loads", purse.loads), ...pair("purchases", purse.purchases)));
    }
    if (card.security_module) {
      const module = card.security_module;
      parts.push(make("h3", { text: say("module") }), make("dl", {}, ...pair("name", module.terminal), ...pair("counter", module.counter), ...pair("triesLeft", module.master_tries_left + " / " + module.master_tries_max)));
    }
    const aids = new Set([...card.accounts.map((one) => one.aid), ...card.payment_directories.map((one) => one.path)]);
    const isBank = (file) => aids.has(file.path.split("/")[0]);
    parts.push(make("h3", { text: say("files") }), ...drawTree(card.files.filter((file) => !isBank(file))));
    if (aids.size) {
      parts.push(make("h3", { text: say("bank") }));
      for (const directory of card.payment_directories) {
        parts.push(make("p", {}, make("code", { text: directory.name + " " }), make("span", { text: say("directory") + ", " + say(directory.state) })));
      }
      for (const account of card.accounts) {
        parts.push(make("dl", { class: "account" }, ...hexPair("account", account.aid), ...pair("lifeCycle", say(account.blocked ? "blocked" : "present")), ...pair("counter", account.atc),
          ...pair("lastOnline", account.last_online_atc), ...(account.balance_cents === null ? [] : pair("ecash", yuan(account.balance_cents)))));
        parts.push(part("objects:" + account.aid, [make("span", { text: say("objects") + " " + account.data_objects.length })], drawElements(account.data_objects.map((one) => (
          { tag: one.tag, depth: 0, name: { en: one.name, zh: one.name_zh }, value: one.value, text: one.text, notes: [] })))));
      }
      parts.push(...drawTree(card.files.filter(isBank)));
    }
    if (card.pki) {
      parts.push(make("h3", { text: say("pki") }), make("dl", {}, ...hexPair("publicKey", card.pki.signature.public_key), ...hexPair("publicKey", card.pki.encryption.public_key)));
    }
    return parts;
  });
}

// What happens.

let isLive = false;
function drawLive() {
  const live = $("live");
  live.textContent = say(isLive ? "live" : "notLive");
  live.classList.toggle("on", isLive);
}

function happened(kind, event) {
  soon("slots", 50, lookSlots);
  if (kind === "lost" || event.slot === state.slot) {
    soon("exchanges", 100, () => lookExchanges(kind !== "lost"));
    soon("card", 300, lookCard);
    if (kind !== "exchange") soon("faults", 100, lookFaults);
  }
}

/** Reads the stream of events until it ends. */
async function listen() {
  const headers = state.token ? { Authorization: "Bearer " + state.token } : {};
  const answer = await fetch(API + "/events", { headers, cache: "no-store" });
  if (answer.status === 401) { askToken(); return; }
  if (!answer.ok || !answer.body) {
    told((await answer.json()).error, true);
    return;
  }
  isLive = true;
  drawLive();
  await look();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      let kind = "";
      let data = "";
      for (const line of block.split("\n")) {
        if (line.startsWith("event: ")) kind = line.slice(7);
        if (line.startsWith("data: ")) data += line.slice(6);
      }
      if (kind && data) happened(kind, JSON.parse(data));
    }
  }
}

async function follow() {
  for (;;) {
    if ($("ask-token").hidden) {
      $("bench").hidden = false;
      try { await listen(); } catch { /* the bench has ended, or starts again */ }
      isLive = false;
      drawLive();
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}

// What is asked for.

function begin() {
  const asked = new URLSearchParams(location.search).get("lang") || kept("language") || navigator.language || "en";
  state.language = asked.startsWith("zh") ? 1 : 0;
  state.token = kept("token");
  $("language").addEventListener("click", () => {
    state.language = 1 - state.language;
    keep("language", state.language ? "zh" : "en");
    told("");
    drawAll();
  });
  $("eject").addEventListener("click", () => act("eject", "POST", at("/eject")));
  $("insert").addEventListener("click", () => act("insert", "POST", at("/insert")));
  $("reset").addEventListener("click", () => act("reset", "POST", at("/reset")));
  $("clear-faults").addEventListener("click", () => setFaults([]));
  const form = (id, work) => $(id).addEventListener("submit", (event) => { event.preventDefault(); work(); });
  form("take", () => act("snapshot", "PUT", at("/snapshots/" + encodeURIComponent($("snapshot-name").value))));
  form("insert-other", () => act("insert", "POST", at("/insert"), { profile: $("profile").value, seed: Number($("seed").value) }));
  form("insert-file", () => act("insert", "POST", at("/insert"), { card: $("card-name").value }));
  form("add-fault", async () => {
    const done = await setFaults([...((state.faults && state.faults.faults) || []), $("fault").value]);
    if (done) $("fault").value = "";
  });
  form("send", async () => {
    const answer = await act("send", "POST", at("/transmit"), { apdu: $("apdu").value.replace(/\s/g, "") });
    if (answer) told(say("response") + ": " + answer.response);
  });
  form("ask-token", () => {
    state.token = $("token").value;
    keep("token", state.token);
    $("token").value = "";
    $("ask-token").hidden = true;
    told("");
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
    if (typing || event.ctrlKey || event.altKey || event.metaKey || $("bench").hidden) return;
    const button = { e: "eject", i: "insert", r: "reset", s: "snapshot", l: "language" }[event.key];
    if (button) { $(button).click(); return; }
    if (event.key === "b") { const first = document.querySelector("#snapshots button"); if (first) first.click(); return; }
    const number = "123456789".indexOf(event.key);
    if (event.key.length === 1 && number >= 0 && number < state.slots.length) choose(state.slots[number].slot);
  });
  drawAll();
  follow();
}

begin();
