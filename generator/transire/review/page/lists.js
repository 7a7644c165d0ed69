/*
Filters and long lists:
  filters(form, changed)        calls changed({name: text or [texts]}) now and at each change, and
                                keeps the choice in the address, so that it can be handed on;
                                gives a function that sets a choice
  longList(list, items, draw)   appends draw(item) to the element `list` as it is scrolled to
*/

const STEP = 60;
const ON_PAPER = 2000;

function filters(form, changed) {
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
  });
  fromAddress();
  changed(read());
  return (choice) => {
    set(choice);
    tell();
  };
}

/** Takes the place of what the list held. Items come by scrolling, by a button, and on paper. */
function longList(list, items, draw) {
  list.dispatchEvent(new Event("replaced"));
  list.replaceChildren();
  let drawn = 0;
  const button = element("button", {type: "button", on: {click: () => append(STEP)}});
  const foot = element("p", {class: "found"}, button);
  const watcher = new IntersectionObserver(
    (seen) => seen.some((each) => each.isIntersecting) && append(STEP), {rootMargin: "600px"});
  const printed = () => append(ON_PAPER);
  const append = (count) => {
    const next = items.slice(drawn, drawn + count);
    list.append(...next.map(draw));
    drawn += next.length;
    const left = items.length - drawn;
    button.textContent = `Show more of the other ${left.toLocaleString("en")}`;
    if (!left) end();
  };
  const end = () => {
    watcher.disconnect();
    removeEventListener("beforeprint", printed);
    foot.remove();
  };
  list.after(foot);
  list.addEventListener("replaced", end, {once: true});
  addEventListener("beforeprint", printed);
  append(STEP);
  if (drawn < items.length) watcher.observe(foot);
}
