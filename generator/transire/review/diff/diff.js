/* The search over every change. `_card` of html.py draws the same. */

const HEAD = ["", "pods", "destination", "ports", "for example", "rule"];
const KINDS = {high: "warn", medium: "wild", low: "name", none: ""};
const ANYWHERE = "any address outside the cluster";

const COLUMNS = [
  "risk", "class", "team", "namespace", "cluster", "effect", "pods", "destination", "ports", "example", "why",
];
const ORDERS = {
  team: (change) => change.first.team,
  cluster: (change) => change.targets.map((each) => each.cluster).join(" "),
  lines: (change) => -change.rows.length,
};
let latest = [];

const data = pageData();
const changes = data.groups.map((group) => {
  const targets = group.targets.map((each) => data.diff.targets[each]);
  return {...group, targets, first: targets[0], rows: rowsOf(group.rows, targets[0])};
});

/** The rows in their words, each with the gain or loss of the first target that it is about. */
function rowsOf(rows, first) {
  return rows.map((each) => {
    const grant = (each.sign === "+" ? [...first.gains, ...first.beyond] : first.losses)[each.place];
    return {...each, grant, who: grant.from, ports: grant.ports};
  });
}

/**
 * Whether a set of names in words, such as "*.example.com except (a.example.com and b.example.com)",
 * holds the name. What is no pattern counts as if it did, so that nothing is missed.
 */
function namesHold(text, name) {
  const at = text.indexOf(" except ");
  const main = at < 0 ? text : text.slice(0, at);
  if (!/^[-a-z0-9_.*]+$/.test(main)) return true;
  if (!covers(main, name)) return false;
  return at < 0 || !apart(text.slice(at + 8)).some((each) => leavesOut(each, name));
}

function leavesOut(text, name) {
  return /^[-a-z0-9_.*]+( except .*)?$/.test(text) && namesHold(text, name);
}

/** The parts that "and" joins, parentheses around a part taken off. */
function apart(text) {
  const parts = [""];
  let depth = 0;
  for (const each of text.split(/( and |[()])/)) {
    if (each === " and " && !depth) parts.push("");
    else parts[parts.length - 1] += each;
    depth += {"(": 1, ")": -1}[each] ?? 0;
  }
  return parts.map((each) => each.replace(/^\((.*)\)$/s, "$1"));
}

/** Whether a row speaks of the host or address: it holds it, and no narrower part on the other side. */
function speaksOf({grant}, asked) {
  if (grant.kind === "fqdn" && asked.name) {
    return grant.to.some((each) => namesHold(each.text, asked.name)
      && !each.insteadOf.some((one) => leavesOut(one, asked.name)));
  }
  if (grant.kind === "cidr" && asked.address) {
    return grant.to.some((each) => (each.text === ANYWHERE || each.text.split(/[\s,()]+/)
      .some((one) => one.includes("/") && rangeHolds(one, asked.address)))
      && !each.insteadOf.some((one) => rangeHolds(one, asked.address)));
  }
  return false;
}

function words(change) {
  change.words ??= [
    change.title, change.first.class, ...change.notes,
    ...change.targets.flatMap((each) => [each.namespace, each.cluster, each.environment,
      ...each.objects.map((one) => `${one.kind} ${one.name}`)]),
    ...change.rows.flatMap((each) => [each.who, each.to, each.ports, each.example, ...each.why]),
    ...change.first.reasons.flatMap((each) => [each.id, each.text]),
  ].join("\n").toLowerCase();
  return change.words;
}

const CLASSES = {
  opens: new Set(["wider", "incomparable", "unjudged"]),
  closes: new Set(["narrower", "incomparable", "unjudged"]),
};

function chosen(change, choice, asked) {
  const targets = change.targets.filter((each) => (!choice.team || each.team === choice.team)
    && (!choice.cluster || each.cluster === choice.cluster));
  if (!targets.length) return null;
  if (choice.risk.length && !choice.risk.includes(change.first.risk)) return null;
  if (choice.class.length && !choice.class.includes(change.first.class)) return null;
  if (!choice.what.every((each) => CLASSES[each].has(change.first.class))) return null;
  const hits = change.rows.filter((each) => speaksOf(each, asked));
  if (hits.length) return {...change, targets, hits};
  const text = asked.text ? words(change) : "";
  return asked.words.every((each) => text.includes(each)) ? {...change, targets, hits} : null;
}

function search(choice) {
  const text = choice.q.trim().toLowerCase();
  const asked = {text, name: asName(text), address: asAddress(text),
    words: text.split(/\s+/).filter(Boolean)};
  const found = changes.map((each) => chosen(each, choice, asked)).filter(Boolean);
  const speaking = found.filter((each) => each.hits.length);
  return {asked, speaking, found: [...speaking, ...found.filter((each) => !each.hits.length)]};
}

function sentence({asked, speaking, found}) {
  const targets = found.reduce((sum, each) => sum + each.targets.length, 0);
  if (asked.name || asked.address) {
    const rest = found.length - speaking.length;
    return [element("strong", {}, speaking.length ? counted(speaking.length, "change") : "No change"),
      speaking.length > 1 ? " match " : " matches ", code(asked.name || asked.text),
      rest ? `; ${rest.toLocaleString("en")} more mention it` : "", "."];
  }
  return [element("strong", {}, counted(found.length, "change")), ` of ${counted(targets, "target")}`];
}

function drawRisk(level) {
  return element("span", {class: `mark ${KINDS[level]}`.trim()}, level);
}

function drawCard(change) {
  const {first} = change;
  return element("article", {class: `card ${first.risk}`},
    element("h3", {}, drawRisk(first.risk), ` ${change.title} `,
      element("span", {class: "class"}, first.class)),
    element("p", {class: "soft"}, drawPlaces(change)),
    change.notes.length ? element("ul", {class: "notes"},
      change.notes.map((each) => element("li", {}, each))) : null,
    change.steps.length ? element("ul", {class: "notes"}, change.steps.map(([clusters, each]) =>
      element("li", {}, `on ${clusters}: `, code(each)))) : null,
    change.rows.length ? drawTable(change) : null,
    first.reasons.length ? element("ul", {class: "plain reasons"},
      first.reasons.map((each) => element("li", {}, drawRisk(each.level), ` ${each.text}`))) : null,
    drawObjects(change));
}

function drawPlaces(change) {
  const found = new Map();
  for (const each of change.targets) {
    found.set(each.namespace, [...(found.get(each.namespace) ?? []), each.cluster]);
  }
  const places = [...found].map(([namespace, clusters], at) =>
    [at ? "; " : "", code(namespace), ` on ${clusters.join(", ")}`]);
  return [places, ` (${change.first.environment})`];
}

function drawTable(change) {
  const cell = (content, at) => element("td", {"data-head": HEAD[at]}, content);
  const drawRow = (each) => element("tr", {}, [
    element("span", {class: each.sign === "+" ? "opens" : "closes"}, `${each.sign} ${each.said}`),
    code(each.who), change.hits.includes(each) ? element("mark", {}, code(each.to)) : code(each.to),
    code(each.ports), code(each.example), each.why.map((one) => element("div", {}, one)),
  ].map(cell));
  const head = element("thead", {}, element("tr", {}, HEAD.map((each) =>
    element("th", {scope: "col"}, each))));
  const body = element("tbody");
  const rest = change.rows.filter((each) => !change.hits.includes(each));
  const table = element("div", {class: "wide", tabindex: 0, role: "group"},
    element("table", {}, head, body));
  longList(body, [...change.hits, ...rest], drawRow);
  return table;
}

function drawObjects(change) {
  const objects = change.targets.flatMap((target) =>
    target.objects.map((each) => ({cluster: target.cluster, ...each})));
  if (!objects.length) return null;
  return folded(`${counted(objects.length, "object")}, as helm template shows them`, () =>
    element("div", {}, objects.map((each) => [
      element("h4", {}, `${each.cluster}: ${each.kind} ${each.namespace ? `${each.namespace}/` : ""}${each.name} ${each.how}`),
      element("pre", {}, each.lines.map(drawLine)),
    ])));
}

function drawLine(text) {
  const kind = {"+": "line added", "-": "line removed"}[text[0]] ?? "line";
  return element("span", {class: kind}, text || "...");
}

/** What the changes say of hosts and ranges that are nearly what was asked for. */
function nearMisses({asked, speaking}) {
  const found = new Map();
  if (speaking.length || !(asked.name || asked.address)) return found;
  for (const change of changes) {
    for (const {grant} of change.rows) {
      for (const {text} of grant.to) {
        const near = asked.name && grant.kind === "fqdn" ? nearMiss(text.split(" ")[0], asked.name)
          : asked.address && grant.kind === "cidr" && text.includes("/")
            ? nearRange(text.split(" ")[0], asked.address) : "";
        if (near) found.set(near, (found.get(near) ?? new Set()).add(change.title));
      }
    }
  }
  return found;
}

/** One row for each line of a change, on each of its targets. */
function csvRows(change) {
  const {first} = change;
  return change.targets.flatMap((target) => change.rows.map((each) => [
    first.risk, first.class, target.team, target.namespace, target.cluster, each.said, each.who, each.to,
    each.ports, each.example, each.why.join("; "),
  ]));
}

filters(document.getElementById("filter"), (choice) => {
  const result = search(choice);
  latest = inOrder(result.found, ORDERS[choice.sort], (each) => each.hits.length > 0);
  document.getElementById("found").replaceChildren(element("span", {}, sentence(result)),
    ...nearList(nearMisses(result)));
  longList(document.getElementById("cards"), latest, drawCard);
});

document.getElementById("csv").addEventListener("click", () =>
  download("egress-changes.csv", asCsv(COLUMNS, latest.flatMap(csvRows))));
