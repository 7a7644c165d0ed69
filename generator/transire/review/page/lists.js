/*
Filters and long lists:
  filters(form, changed)        calls changed({name: text or [texts]}) now and at each change, and
                                keeps the choice in the address, so that it can be handed on;
                                a link to #?name=text sets it
  longList(list, items, draw)   fills the element `list` with draw(item): the first ones now, others
                                by a button and from then on by scrolling, and all on paper
*/

const FIRST = 12;
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
    form.closest("section").scrollIntoView();
  });
  fromAddress();
  changed(read());
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
