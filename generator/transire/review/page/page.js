"use strict";
/*
What every page has. A page's own script follows and may use:
  pageData()                                the data the page was made with
  shown(text)                               free text as one line in which everything can be seen
  element(name, attributes, ...children)    an element; strings become text, null is left out
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
    .replace(/[\t\n\v\f\r ]+/g, " ")
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

/** Everything that is folded away is on paper too. */
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});
