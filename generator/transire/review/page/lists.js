/*
Filters and long lists:
  filters(form, changed)        calls changed({name: text or [texts]}) now and at each change, and
                                keeps the choice in the address, so that it can be handed on;
                                a link to #?name=text sets it
  inOrder(items, key, first)    the items by what key(item) gives, if there is a key, those for which
                                first(item) is true in front of all others
  nearList(found)               a list of near misses, of a map from each to those that have it
  asCsv(columns, rows)          a table as RFC 4180 has it, with plain ends of lines, in which no
                                spreadsheet sees a formula
  download(name, text)          hands the text over as a file
  longList(list, items, draw)   fills the element `list` with draw(item): the first ones now, others
                                by a button and from then on by scrolling, and all on paper
*/

const FIRST = 12;
const STEP = 60;
const ON_PAPER = 2000;

/** A filter is folded away on a small screen, unless the address has a choice. */
function foldOnSmall(form) {
  const around = form.closest("details.filtering");
  const small = matchMedia("(max-width: 48rem)");
  const fold = () => {
    around.open = !small.matches || location.hash.startsWith("#?");
  };
  small.addEventListener("change", fold);
  fold();
}

function filters(form, changed) {
  foldOnSmall(form);
  const names = [...new Set([...form.elements].map((each) => each.name).filter(Boolean))];
  const several = (name) => form.elements[name] instanceof RadioNodeList
    || form.elements[name].type === "checkbox";
  const set = (choice) => {
    for (const control of form.elements) {
      if (!control.name) continue;
      const wanted = choice[control.name] ?? (several(control.name) ? [] : "");
      if (control.type === "checkbox") control.checked = wanted.includes(control.value);
      else control.value = wanted;
      if (control.type === "select-one" && control.selectedIndex < 0) control.value = "";
    }
  };
  const read = () => {
    const given = new FormData(form);
    return Object.fromEntries(
      names.map((name) => [name, several(name) ? given.getAll(name) : given.get(name) ?? ""]));
  };
  const tell = () => {
    const choice = read();
    const kept = Object.entries(choice).flatMap(([name, value]) =>
      [value].flat().filter(Boolean).map((each) => [name, each]));
    const hash = kept.length ? `#?${new URLSearchParams(kept)}` : "#?";
    if (kept.length || location.hash.startsWith("#?")) history.replaceState(null, "", hash);
    changed(choice);
  };
  const fromAddress = () => {
    if (!location.hash.startsWith("#?")) return;
    const given = new URLSearchParams(location.hash.slice(2));
    set(Object.fromEntries(
      names.map((name) => [name, several(name) ? given.getAll(name) : given.get(name) ?? ""])));
  };
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(tell, 80);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(tell));
  addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#?")) return;
    fromAddress();
    changed(read());
    form.closest("section").scrollIntoView();
  });
  fromAddress();
  changed(read());
}

const MOST_NEAR = 8;
const MOST_NAMED = 4;

function inOrder(items, key, first) {
  if (!key) return items;
  const keyed = items.map((each, at) => [first(each) ? 0 : 1, key(each), at, each]);
  const compare = (one, other) => (one < other ? -1 : Number(one > other));
  keyed.sort((one, other) => one[0] - other[0] || compare(one[1], other[1]) || one[2] - other[2]);
  return keyed.map((each) => each[3]);
}

/** The nearest first; as the children of what shows what was found. */
function nearList(found) {
  const steps = ([near]) => Math.max(0, COUNTS.indexOf(near.split(" ")[0]));
  const misses = [...found].sort((one, other) => steps(one) - steps(other));
  if (!misses.length) return [];
  const named = (whose) => [[...whose].slice(0, MOST_NAMED).join(", "),
    whose.size > MOST_NAMED ? ` and ${whose.size - MOST_NAMED} more` : ""].join("");
  const rest = misses.length - MOST_NEAR;
  return [element("ul", {class: "plain near"},
    misses.slice(0, MOST_NEAR).map(([near, whose]) => element("li", {}, `${near} (${named(whose)})`)),
    rest > 0 ? element("li", {}, `and ${rest} more near misses`) : null)];
}

function asCsv(columns, rows) {
  const cell = (value) => {
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], {type: "text/csv"}));
  element("a", {href: address, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Takes the place of what the list held; what is printed beyond a bound is said. */
function longList(list, items, draw) {
  list.dispatchEvent(new Event("replaced"));
  list.replaceChildren();
  let drawn = 0;
  const button = element("button", {type: "button"});
  const foot = element("p", {class: "found"}, button);
  const watcher = new IntersectionObserver(
    (seen) => seen.some((each) => each.isIntersecting) && append(STEP), {rootMargin: "600px"});
  const printed = () => append(ON_PAPER);
  const append = (count) => {
    const next = items.slice(drawn, drawn + count);
    list.append(...next.map(draw));
    drawn += next.length;
    button.textContent = `Show more, ${(items.length - drawn).toLocaleString("en")} are left`;
    if (drawn === items.length) end();
    else if (drawn > FIRST) {
      watcher.disconnect();
      watcher.observe(foot);
    }
  };
  const end = () => {
    watcher.disconnect();
    removeEventListener("beforeprint", printed, {capture: true});
    foot.remove();
  };
  button.addEventListener("click", () => append(STEP));
  const frame = list.closest(".wide");
  if (frame) frame.append(foot);
  else list.after(foot);
  list.addEventListener("replaced", end, {once: true});
  addEventListener("beforeprint", printed, {capture: true});
  append(FIRST);
}
