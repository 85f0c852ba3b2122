"use strict";
// Texts go into the page by textContent only: names in images are written by strangers.
const data = JSON.parse(document.getElementById("image").textContent);
const { names, depths, links, looks, layer: vLayer, size: vSize, how: vHow, by: vBy, look: vLook } = data.tree;
const COUNT = names.length;
const VERSIONS = vLayer.length;
const FIRST = 300; // rows of a folder, and so many more on request
const MOST_OPENED = 400; // rows that a search opens by itself
const SMALL = 100; // paths of a layer that are all opened
const ABSENT = 0, ADDED = 1, CHANGED = 2, REWRITTEN = 3, SAME = 4, REMOVED = 5;
const WORDS = ["", "added", "changed", "changed", "same", "removed"];
const TAGS = ["", "added", "changed", "only its time changed", "", "removed"];
const FATES = ["", "deleted", "overwritten"];

const at = (id) => document.getElementById(id);
const tree = at("tree"), layers = at("layers");

function make(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function amount(size) {
  for (const [unit, bytes] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (size >= bytes) return `${(size / bytes).toFixed(1)} ${unit}`;
  }
  return `${size} B`;
}

const many = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

// -- the tree: parents, and the end of what lies below each path, from names in depth-first order

const parent = new Int32Array(COUNT), end = new Int32Array(COUNT), vNode = new Int32Array(VERSIONS);
{
  const way = [];
  for (let node = 0; node < COUNT; node++) {
    while (way.length > depths[node]) end[way.pop()] = node;
    parent[node] = way.length ? way[way.length - 1] : -1;
    way.push(node);
  }
  for (const node of way) end[node] = COUNT;
  let node = 0;
  for (let version = 0; version < VERSIONS; version++) vNode[version] = node += data.tree.step[version];
}

function pathOf(node) {
  const parts = [];
  for (let each = node; each > 0; each = parent[each]) parts.push(names[each]);
  return `/${parts.reverse().join("/")}`;
}

const marks = new Map(); // "node layer" -> findings
for (const finding of data.findings) {
  for (const layer of finding.layers) {
    for (const node of finding.nodes) {
      const key = `${node} ${layer}`;
      marks.set(key, [...(marks.get(key) || []), finding]);
    }
  }
}

// -- what is to be seen: the state of each path, its version, the sizes of folders, and what the filters leave

const state = new Uint8Array(COUNT), version = new Int32Array(COUNT), hit = new Uint8Array(COUNT);
const seen = new Uint8Array(COUNT), total = new Float64Array(COUNT);
const shown = { layer: Math.max(data.layers.length - 1, 0), view: "image", find: "", order: "name", marked: false,
  changes: new Set(["added", "changed", "removed", "same"]) };
const open = new Set([0]), limits = new Map();
let current = 0, hits = 0, lower = null;

function play() {
  state.fill(ABSENT);
  version.fill(-1);
  total.fill(0);
  const here = shown.layer;
  for (let each = 0; each < VERSIONS; each++) {
    const node = vNode[each];
    const own = vLayer[each] === here;
    const lives = shown.view === "layer" ? own : vLayer[each] <= here && (vBy[each] < 0 || vBy[each] > here);
    if (lives) {
      const change = Math.floor(vHow[each] / 3) + ADDED;
      state[node] = !own || (change === REWRITTEN && looks[vLook[each]][0] === "dir") ? SAME : change;
      version[node] = each;
      total[node] = vSize[each];
    } else if (vBy[each] === here && state[node] === ABSENT) {
      state[node] = REMOVED;
      version[node] = each;
    }
  }
  for (let node = COUNT - 1; node > 0; node--) {
    total[parent[node]] += total[node];
    // A folder that no layer lists is there as long as something is in it.
    if (state[node] !== ABSENT && state[node] !== REMOVED && state[parent[node]] === ABSENT) state[parent[node]] = SAME;
  }
  filter();
}

function findingsOf(node) {
  return version[node] < 0 ? [] : marks.get(`${node} ${vLayer[version[node]]}`) || [];
}

function filter() {
  hit.fill(0);
  seen.fill(0);
  hits = 0;
  const find = shown.find;
  if (find !== "" && !lower) lower = names.map((name) => name.toLowerCase());
  const below = new Uint8Array(COUNT); // of a folder that the search has found
  const paths = find.includes("/") ? [""] : null;
  for (let node = 1; node < COUNT; node++) {
    const above = parent[node];
    let found = false;
    if (paths) {
      paths[node] = `${paths[above]}/${lower[node]}`;
      found = paths[node].includes(find);
    } else if (find !== "") found = lower[node].includes(find);
    below[node] = found || below[above] ? 1 : 0;
    if (state[node] === ABSENT || !shown.changes.has(WORDS[state[node]])) continue;
    if (shown.marked && !findingsOf(node).length) continue;
    if (find !== "" && !below[node]) continue;
    seen[node] = 1;
    if (find === "" || found) { hit[node] = 1; hits++; }
  }
  for (let node = COUNT - 1; node > 0; node--) if (seen[node]) seen[parent[node]] = 1;
}

function reveal() {
  const small = shown.view === "layer" && hits <= SMALL;
  if (shown.find === "" && !shown.marked && shown.changes.size === 4 && !small) return;
  const wanted = new Set();
  for (let node = 1; node < COUNT; node++) {
    if (!hit[node]) continue;
    for (let each = parent[node]; each > 0 && !wanted.has(each); each = parent[each]) wanted.add(each);
    if (wanted.size >= MOST_OPENED) break;
  }
  let rows = 0;
  for (const node of [...wanted].sort((a, b) => depths[a] - depths[b] || a - b)) {
    if (rows > MOST_OPENED) break;
    rows += childrenOf(node).length;
    open.add(node);
  }
}

function isFolder(node) {
  for (let each = node + 1; each < end[node]; each = end[each]) if (seen[each]) return true;
  return node === 0;
}

function childrenOf(node) {
  const found = [];
  for (let each = node + 1; each < end[node]; each = end[each]) if (seen[each]) found.push(each);
  if (shown.order === "size") found.sort((a, b) => total[b] - total[a] || a - b);
  return found;
}

// -- drawing

function rowsOf() {
  const rows = [];
  const pending = [{ node: 0, place: 1, of: 1 }];
  while (pending.length) {
    const row = pending.pop();
    rows.push(row);
    if (row.more || !open.has(row.node)) continue;
    const children = childrenOf(row.node);
    const limit = limits.get(row.node) || FIRST;
    const of = Math.min(children.length, limit) + (children.length > limit ? 1 : 0);
    if (children.length > limit) pending.push({ node: row.node, more: children.length - limit, place: of, of });
    for (let place = Math.min(children.length, limit); place > 0; place--) {
      pending.push({ node: children[place - 1], place, of });
    }
  }
  return rows;
}

function modeText(look) {
  const [kind, mode] = look;
  const letter = { dir: "d", symlink: "l", char: "c", block: "b", fifo: "p" }[kind] || "-";
  let text = letter;
  for (const shift of [6, 3, 0]) {
    const bits = (mode >> shift) & 7;
    const special = (mode >> (9 + shift / 3)) & 1;
    const letters = shift ? "sS" : "tT";
    text += (bits & 4 ? "r" : "-") + (bits & 2 ? "w" : "-");
    text += special ? letters[bits & 1 ? 0 : 1] : bits & 1 ? "x" : "-";
  }
  return text;
}

function tagsOf(node) {
  const tags = [];
  const word = TAGS[state[node]];
  if (word) tags.push(["change " + WORDS[state[node]], word]);
  const each = version[node];
  if (each >= 0 && vBy[each] >= 0 && !(state[node] === REMOVED && vLayer[each] === shown.layer)) {
    const fate = FATES[vHow[each] % 3];
    if (state[node] === REMOVED) tags.push(["waste", `still in layer ${vLayer[each]}`]);
    else tags.push(["waste", `${fate} in layer ${vBy[each]}`]);
  }
  for (const finding of findingsOf(node)) tags.push([`finding ${finding.severity}`, `${finding.code} ${finding.name}`]);
  return tags;
}

function rowFor(row) {
  const { node } = row;
  const made = make("div", `row ${WORDS[state[node]]}`);
  const level = depths[node] + (row.more ? 2 : 1);
  made.setAttribute("role", "treeitem");
  made.setAttribute("aria-level", level);
  made.setAttribute("aria-posinset", row.place);
  made.setAttribute("aria-setsize", row.of);
  made.dataset.node = row.more ? `more ${node}` : node;
  made.tabIndex = -1;
  const name = make("span", "name");
  name.style.paddingLeft = `${Math.min(level - 1, 24) * 1.1}rem`;
  made.append(name);
  if (row.more) {
    name.append(make("span", "more", `show more: ${many(row.more, "further row")}`));
    return made;
  }
  const folder = isFolder(node);
  if (folder) made.setAttribute("aria-expanded", open.has(node));
  made.setAttribute("aria-selected", node === current);
  name.append(make("span", "twist", folder ? (open.has(node) ? "\u25be" : "\u25b8") : ""));
  name.append(make("span", "path", node === 0 ? "/" : names[node]));
  if (links[version[node]] !== undefined) name.append(make("span", "soft", ` \u2192 ${links[version[node]]}`));
  for (const [kind, text] of tagsOf(node)) name.append(" ", make("span", `tag ${kind}`, text));
  const look = version[node] < 0 ? null : looks[vLook[version[node]]];
  const told = look && look[0] !== "rest" ? look : null;
  const size = state[node] === REMOVED && version[node] >= 0 ? vSize[version[node]] : total[node];
  made.append(make("span", "size", amount(size)), make("span", "mode", told ? modeText(told) : ""));
  made.append(make("span", "owner", told ? `${told[2]}:${told[3]}` : ""));
  return made;
}

function draw(focus) {
  const rows = document.createDocumentFragment();
  const all = rowsOf();
  if (!all.some((row) => !row.more && row.node === current)) current = 0;
  for (const row of all) rows.append(rowFor(row));
  tree.replaceChildren(rows);
  const chosen = tree.querySelector(`[data-node="${current}"]`);
  if (chosen) chosen.tabIndex = 0;
  if (focus && chosen) chosen.focus();
  const filtered = shown.find !== "" || shown.marked || shown.changes.size < 4;
  at("found").textContent = `${shown.view === "layer" ? "Layer" : "The image as of layer"} ${shown.layer}: ` +
    `${amount(total[0])}, ${many(hits, "path")}${filtered ? " found" : ""}`;
  about();
}

function fact(list, name, value) {
  if (value === "") return;
  list.append(make("dt", "", name), make("dd", "path", value));
}

function about() {
  const place = at("details");
  const list = make("dl");
  const each = version[current];
  fact(list, "path", pathOf(current));
  fact(list, "size", `${total[current].toLocaleString("en")} bytes`);
  if (each >= 0) {
    const [kind, mode, uid, gid] = looks[vLook[each]];
    if (kind !== "rest") {
      fact(list, "kind", kind + (links[each] === undefined ? "" : ` to ${links[each]}`));
      fact(list, "mode", `${modeText(looks[vLook[each]])} (${mode.toString(8).padStart(4, "0")}), owner ${uid}:${gid}`);
    }
    fact(list, "from", `layer ${vLayer[each]} ${data.layers[vLayer[each]].instruction}`);
    if (vBy[each] >= 0) {
      fact(list, FATES[vHow[each] % 3], `in layer ${vBy[each]} ${data.layers[vBy[each]].instruction}`);
    }
  }
  for (const finding of findingsOf(current)) fact(list, `${finding.code} ${finding.severity}`, finding.message);
  place.replaceChildren(list);
}

// -- choosing

function choose(node, focus) {
  const before = tree.querySelector(`[data-node="${current}"]`);
  const after = tree.querySelector(`[data-node="${node}"]`);
  if (!after) return;
  if (before) { before.tabIndex = -1; before.setAttribute("aria-selected", "false"); }
  current = node;
  after.tabIndex = 0;
  after.setAttribute("aria-selected", "true");
  if (focus) after.focus();
  about();
}

function fold(node, wanted) {
  if (!isFolder(node)) return;
  if (wanted) open.add(node);
  else open.delete(node);
  current = node;
  draw(true);
}

function more(node) {
  const shownNow = limits.get(node) || FIRST;
  limits.set(node, shownNow + FIRST);
  const next = childrenOf(node)[shownNow];
  current = next === undefined ? node : next;
  draw(true);
}

function toLayer(index, focus) {
  shown.layer = index;
  for (const each of layers.children) each.setAttribute("aria-selected", Number(each.dataset.layer) === index);
  const option = at(`layer-${index}`);
  if (option) {
    layers.setAttribute("aria-activedescendant", option.id);
    if (focus) option.scrollIntoView({ block: "nearest" });
  }
  const list = make("dl");
  const layer = data.layers[index];
  if (layer) {
    fact(list, "instruction", layer.instruction || "not told");
    fact(list, "digest", layer.digest);
    fact(list, "blob", `${layer.blob.toLocaleString("en")} bytes`);
    fact(list, "did", `added ${layer.added}, changed ${layer.changed}, removed ${layer.removed}`);
  }
  at("about").replaceChildren(list);
  play();
  reveal();
  draw(false);
}

function goTo(node, layer) {
  shown.find = at("find").value = "";
  shown.marked = document.querySelector("[name=marked]").checked = false;
  for (const box of document.querySelectorAll("[name=change]")) { box.checked = true; shown.changes.add(box.value); }
  setView("layer");
  toLayer(layer, true);
  for (let each = node; parent[each] >= 0; each = parent[each]) {
    const above = parent[each];
    open.add(above);
    const rows = childrenOf(above).indexOf(each) + 1;
    limits.set(above, Math.max(limits.get(above) || FIRST, Math.ceil(rows / FIRST) * FIRST));
  }
  current = node;
  draw(true);
}

function setView(view) {
  shown.view = view;
  for (const each of document.querySelectorAll("[name=view]")) each.checked = each.value === view;
}

function again() {
  filter();
  reveal();
  draw(false);
}

// -- lists beside the tree

function drawLayers() {
  const largest = Math.max(1, ...data.layers.map((layer) => layer.size));
  const found = data.layers.map(() => 0);
  for (const finding of data.findings) for (const layer of finding.layers) found[layer]++;
  data.layers.forEach((layer, index) => {
    const option = make("div", "layer");
    option.id = `layer-${index}`;
    option.dataset.layer = index;
    option.setAttribute("role", "option");
    const head = make("div", "line");
    head.append(make("span", "number", `${index}`), make("span", "instruction", layer.instruction || "not told"));
    const tags = make("div", "line");
    tags.append(make("span", "size", amount(layer.size)));
    if (layer.hidden) tags.append(make("span", "tag waste", `${amount(layer.hidden)} wasted`));
    if (found[index]) tags.append(make("span", "tag finding error", many(found[index], "finding")));
    if (layer.base) tags.append(make("span", "tag", "of the base"));
    const bar = make("div", "bar"), good = make("span"), bad = make("span", "waste");
    bar.setAttribute("aria-hidden", "true");
    good.style.width = `${(100 * (layer.size - layer.hidden)) / largest}%`;
    bad.style.width = `${(100 * layer.hidden) / largest}%`;
    bar.append(good, bad);
    option.append(head, tags, bar);
    layers.append(option);
  });
}

function entry(list, go, ...parts) {
  const item = make("li");
  const button = make(go ? "button" : "div", "entry");
  if (go) { button.type = "button"; button.addEventListener("click", go); }
  button.append(...parts);
  item.append(button);
  at(list).append(item);
}

function drawLists() {
  for (const finding of data.findings) {
    const go = finding.path && finding.layers.length ? () => goTo(finding.node, finding.layers[0]) : null;
    const head = make("span", `tag finding ${finding.severity}`, `${finding.code} ${finding.name}`);
    const place = finding.path ? `layer ${finding.layers[0]}: ${finding.path}` : finding.key;
    entry("findings", go, head, " ", make("span", "path", place), make("span", "soft", finding.message));
  }
  for (const [path, size, layer, fate, by, node] of data.waste) {
    const where = layer === by ? `stands twice in layer ${layer}` : `in layer ${layer}, ${fate} in layer ${by}`;
    const parts = [make("span", "size", amount(size)), " ", make("span", "path", path), make("span", "soft", where)];
    entry("waste", () => goTo(node, layer), ...parts);
  }
  if (data.more_waste) entry("waste", null, `and ${many(data.more_waste, "more file")}`);
  for (const list of ["findings", "waste"]) if (!at(list).children.length) entry(list, null, "none");
}

// -- keys and clicks, as the ARIA Authoring Practices have them for trees and list boxes

layers.addEventListener("keydown", (event) => {
  const last = data.layers.length - 1;
  const to = { ArrowUp: shown.layer - 1, ArrowDown: shown.layer + 1, Home: 0, End: last }[event.key];
  if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  if (to >= 0 && to <= last) toLayer(to, true);
});
layers.addEventListener("click", (event) => {
  const option = event.target.closest("[data-layer]");
  if (option) toLayer(Number(option.dataset.layer), false);
});

function press(row) {
  const told = row.dataset.node;
  if (told.startsWith("more ")) return more(Number(told.slice(5)));
  const node = Number(told);
  if (isFolder(node)) fold(node, !open.has(node));
  else choose(node, true);
}

function step(row) {
  if (!row) return;
  if (row.dataset.node.startsWith("more ")) row.focus();
  else choose(Number(row.dataset.node), true);
}

function sideways(row, node, right) {
  if (right && isFolder(node) && !open.has(node)) fold(node, true);
  else if (right && isFolder(node)) step(row.nextElementSibling);
  else if (!right && open.has(node) && isFolder(node)) fold(node, false);
  else if (!right && node > 0) choose(parent[node], true);
}

tree.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-node]");
  if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
  const isMore = row.dataset.node.startsWith("more ");
  const node = Number(isMore ? row.dataset.node.slice(5) : row.dataset.node);
  const keys = {
    ArrowDown: () => step(row.nextElementSibling),
    ArrowUp: () => step(row.previousElementSibling),
    Home: () => step(tree.firstElementChild),
    End: () => step(tree.lastElementChild),
    ArrowRight: () => (isMore ? undefined : sideways(row, node, true)),
    ArrowLeft: () => (isMore ? choose(node, true) : sideways(row, node, false)),
    Enter: () => press(row),
    " ": () => press(row),
  };
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});
tree.addEventListener("click", (event) => {
  const row = event.target.closest("[data-node]");
  if (row) press(row);
});

let waiting = 0;
at("find").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    shown.find = at("find").value.trim().toLowerCase();
    again();
  }, COUNT > 20000 ? 150 : 0);
});
at("find").form.addEventListener("submit", (event) => event.preventDefault());
at("order").addEventListener("change", () => { shown.order = at("order").value; draw(false); });
for (const box of document.querySelectorAll("[name=change]")) {
  box.addEventListener("change", () => {
    if (box.checked) shown.changes.add(box.value);
    else shown.changes.delete(box.value);
    again();
  });
}
document.querySelector("[name=marked]").addEventListener("change", (event) => {
  shown.marked = event.target.checked;
  again();
});
for (const choice of document.querySelectorAll("[name=view]")) {
  choice.addEventListener("change", () => { setView(choice.value); toLayer(shown.layer, false); });
}

// -- the beginning; page.html#layer=2&view=layer&find=.env

drawLayers();
drawLists();
const asked = new URLSearchParams(location.hash.slice(1));
const first = Number(asked.get("layer"));
setView(asked.get("view") === "layer" ? "layer" : "image");
shown.find = (at("find").value = asked.get("find") || "").trim().toLowerCase();
toLayer(asked.has("layer") && data.layers[first] ? first : shown.layer, false);
