"use strict";
/*
What every page has. A page's own script follows and may use:
  pageData()                                the data the page was made with
  shown(text)                               free text as one line in which everything can be seen
  element(name, attributes, ...children)    an element; strings become text, null is left out
  code(text), mark(text, kind)              text as code; a small label, nothing for no text
  line(class, ...children)                  a line of its own
  listed(items)                             things with commas between them
  counted(number, thing)                    "2 rules"
  folded(text, make)                        what make() gives, once it is unfolded or printed
and the functions of names.js and lists.js. Nothing here turns a string into HTML, and the page's
policy would not let it.
*/

document.documentElement.classList.add("scripts");

function pageData() {
  return JSON.parse(document.getElementById("data").textContent);
}

/** As `shown` in markup.py: no mark that turns the direction of writing turns anything. */
function shown(text) {
  return text
    .replace(/[\t\n\v\f\r]/g, " ")
    .replace(/[\p{C}\p{Z}]/gu, (each) =>
      each === " " ? each : "\\u" + each.codePointAt(0).toString(16).padStart(4, "0"));
}

/** `attributes.on` holds handlers by event; an attribute that is null or false is left out. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key === "on") {
      for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    } else if (value === true) {
      made.setAttribute(key, "");
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(key, value);
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    made.append(child instanceof Node ? child : shown(String(child)));
  }
  return made;
}

function code(text) {
  return element("code", {}, text);
}

function mark(text, kind) {
  return text ? [" ", element("span", {class: `mark ${kind}`}, text)] : [];
}

function listed(items) {
  return items.flatMap((each, at) => (at ? [", ", each] : [each]));
}

function line(kind, ...content) {
  return element("div", kind ? {class: kind} : {}, ...content);
}

function counted(number, thing) {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

const unfolding = new WeakMap();

/** Content that is made when somebody unfolds it, or prints. */
function folded(text, make) {
  const details = element("details", {on: {toggle: () => details.open && unfold(details)}},
    element("summary", {}, text));
  unfolding.set(details, make);
  return details;
}

function unfold(details) {
  const make = unfolding.get(details);
  unfolding.delete(details);
  if (make) details.append(make());
}

/** Everything that is folded away is on paper too. */
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) {
    unfold(each);
    each.open = true;
  }
});
