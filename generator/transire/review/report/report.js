/* The search over every rule. One row of table_rows.py has the same columns. */

const HEAD = ["who", "may reach", "on ports", "from", "why", "until", "last use"];
const USE = {used: "used", unused: "not used", unknown: "not known"};
const WILDCARDS = {
  "one-label wildcard": "one label", "any-depth wildcard": "any depth",
  "part-of-label wildcard": "part of a label", "bare wildcard": "any name",
};
const DIFFERENCE = {
  widen: "is allowed although it is not meant", narrow: "is meant although it is not allowed",
};
const DONE = {widen: "widened", narrow: "narrowed"};
const EVERYONE = "*";
const FEW = 8;
const NEVER = "9999";
const COLUMNS = ["team", "rule", "destination", "ports", "from", "targets", "reason", "ticket", "expires"];
const ORDERS = {
  ends: (entry) => entry.rule.expires ?? NEVER,
  destinations: (entry) => String(1e6 - entry.rule.to.length).padStart(7, "0"),
  places: (entry) => String(1e6 - entry.places.length).padStart(7, "0"),
  use: (entry) => usesOf(entry.rule).map((each) => each.last ?? "").sort().pop() ?? NEVER,
};
const USE_COLUMNS = ["use", "times", "last use"];
let latest = [];

const report = pageData();
if (report.use) COLUMNS.push(...USE_COLUMNS);
const clusters = new Map(report.clusters.map((each) => [each.name, each]));
const owners = new Map(report.bundles.map((each) => [each.name, each.owner]));
const entries = everyEntry();

/** Every rule with its team and the places where it holds. */
function everyEntry() {
  const found = [];
  for (const team of report.teams) {
    const places = new Map(team.targets.map((each) =>
      [each.name, {...each, of: clusters.get(each.cluster)}]));
    for (const rule of team.rules) {
      found.push({team: team.name, contact: team.contact, rule,
        places: rule.places.map((each) => places.get(each))});
    }
  }
  for (const rule of report.everyone.rules) {
    found.push({team: EVERYONE, contact: "", rule, places: rule.places.map((each) =>
      ({name: each, cluster: each, namespace: "", of: clusters.get(each)}))});
  }
  return found;
}

function isSoon(day) {
  const days = daysTo(day);
  return day !== undefined && days >= 0 && days <= report.expiresSoonDays;
}

function daysTo(day) {
  return Math.round((Date.parse((day ?? "").slice(0, 10)) - Date.parse(report.asOf)) / 864e5);
}

const STATES = {
  wildcard: (rule) => rule.to.some((each) => each.wildcard),
  range: (rule) => rule.to.some((each) => each.cidr),
  delegated: (rule, places) => rule.delegations.some((each) => anyOf(each.places, places)),
  near: (rule, places) => rule.approximations.some((each) => anyOf(each.places, places)),
  ending: (rule, places) => isSoon(rule.expires) || places.some((each) => isSoon(each.until)),
  audit: (rule, places) => places.some((each) => each.mode === "audit"),
  unused: (rule) => usesOf(rule).some((each) => each.seen === "unused"),
  unknown: (rule) => usesOf(rule).some((each) => each.seen === "unknown"),
};

/** What logs saw of the entries of a rule; nothing of rules for everyone. */
function usesOf(rule) {
  return rule.to.map((each) => each.use).filter(Boolean);
}

function anyOf(names, places) {
  return places.some((each) => names.includes(each.name));
}

/** What a destination reads like, and what it is found by. */
function destinationText(each) {
  if (each.host) return each.shown ?? each.host;
  if (each.cidr) return each.cidr;
  if (each.entity) return each.entity;
  return `${labelsText(each.pods)} in ${placeText(each)}`;
}

function placeText(each) {
  const place = each.namespace ?? labelsText(each.namespaceLabels);
  return each.cluster ? `${each.cluster}/${place}` : place;
}

function labelsText(labels) {
  return pairsOf(labels).join(", ") || "every pod";
}

/** The conditions of each selector of a rule; one without conditions is every pod. */
function selectorsOf(from) {
  if (!Array.isArray(from)) return [pairsOf(from)];
  return from.map((each) => [
    ...pairsOf(each.labels ?? {}), ...(each.matchExpressions ?? []).map(conditionText),
    ...(each.serviceAccount ? [`service account ${each.serviceAccount}`] : []),
  ]);
}

function pairsOf(labels) {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}

function conditionText({key, operator, values}) {
  if (operator === "In") return `${key} in (${values.join(",")})`;
  if (operator === "NotIn") return `${key} notin (${values.join(",")})`;
  return operator === "Exists" ? key : `!${key}`;
}

function sourcesText(from) {
  return selectorsOf(from).map((each) => each.join(", ") || "every pod").join(" or ");
}

function words(entry) {
  if (entry.words === undefined) {
    const {rule} = entry;
    entry.words = [
      entry.team === EVERYONE ? "everyone" : entry.team, entry.contact, rule.name, rule.reason,
      rule.ticket ?? "", rule.expires ?? "", sourcesText(rule.from), ...rule.ports, ...rule.to.flatMap((each) => each.ports ?? []),
      ...rule.to.map(destinationText), ...rule.to.map((each) => each.bundle ?? ""),
      ...entry.places.map((each) => `${each.name} ${each.of.engine} ${each.of.environment}`),
    ].join("\n").toLowerCase();
  }
  return entry.words;
}

/** What was typed: a host name, an address, or words. */
function question(typed) {
  const text = typed.trim().toLowerCase();
  const address = asAddress(text);
  const name = asName(text);
  return {text, address, name, words: text.split(/\s+/).filter(Boolean), shown: name || text};
}

/**
 * Whether one destination covers what was asked, and the approximations that say otherwise.
 * A host may be written like an address, so an address is looked for among hosts too.
 */
function coverage(each, entry, asked) {
  if (each.cidr) return {covers: asked.address !== null && rangeHolds(each.cidr, asked.address)};
  if (!asked.name || !each.host) return {covers: false};
  const meant = covers(each.host, asked.name);
  const odd = entry.rule.approximations.filter((near) => near.written === each.host
    && anyOf(near.places, entry.places)
    && near.became.some((one) => covers(one, asked.name)) !== meant);
  return {covers: meant || odd.length > 0, odd};
}

/** The entry as the choice leaves it, or null. */
function chosen(entry, choice, asked, own) {
  let {places} = entry;
  if (choice.team && entry.team !== choice.team) {
    if (entry.team !== EVERYONE || !own) return null;
    places = places.filter((each) => own.has(each.cluster));
    if (!places.length) return null;
  }
  if (choice.cluster || choice.environment) {
    places = places.filter((each) => (!choice.cluster || each.cluster === choice.cluster)
      && (!choice.environment || each.of.environment === choice.environment));
    if (!places.length) return null;
  }
  if (!choice.state.every((each) => STATES[each](entry.rule, places))) return null;
  const seen = {...entry, places, hits: [], odd: []};
  if (!asked.text) return seen;
  if (asked.name || asked.address) {
    entry.rule.to.forEach((each, at) => {
      const found = coverage(each, seen, asked);
      if (found.covers) seen.hits.push(at);
      seen.odd.push(...(found.odd ?? []));
    });
    if (seen.hits.length) return {...seen, covers: true};
  }
  const text = words(entry);
  if (!asked.words.every((each) => text.includes(each))) return null;
  entry.rule.to.forEach((each, at) => {
    const own = destinationText(each).toLowerCase();
    if (asked.words.some((word) => own.includes(word))) seen.hits.push(at);
  });
  return seen;
}

function search(choice) {
  const asked = question(choice.q);
  const team = report.teams.find((each) => each.name === choice.team);
  const own = team && new Set(team.targets.map((each) => each.cluster));
  const found = entries.map((each) => chosen(each, choice, asked, own)).filter(Boolean);
  const covering = found.filter((each) => each.covers);
  return {asked, choice, covering, found: [...covering, ...found.filter((each) => !each.covers)]};
}

/** Destinations that just fail to cover what was asked, in words, each with the rules that have it. */
function nearMisses({asked, choice}) {
  const found = new Map();
  for (const entry of entries) {
    const seen = chosen(entry, {...choice, q: ""}, question(""), null);
    if (!seen) continue;
    for (const each of entry.rule.to) {
      const near = asked.name && each.host ? nearMiss(each.host, asked.name)
        : asked.address && each.cidr ? nearRange(each.cidr, asked.address) : "";
      if (!near) continue;
      const whose = `${entry.team === EVERYONE ? "everyone" : entry.team}: ${entry.rule.name}`;
      found.set(near, (found.get(near) ?? new Set()).add(whose));
    }
  }
  return found;
}

function drawNear(result) {
  if (result.covering.length || !(result.asked.name || result.asked.address)) return [];
  return nearList(nearMisses(result));
}

/** One sentence on what was found, and what cannot be among it. */
function sentence({asked, choice, covering, found}) {
  if (!asked.name && !asked.address) {
    const teams = new Set(found.map((each) => each.team));
    const rest = teams.delete(EVERYONE);
    const whose = [teams.size ? counted(teams.size, "team") : "", rest ? "everyone" : ""];
    return [element("strong", {}, counted(found.length, "rule")), found.length ? " of " : "",
      whose.filter(Boolean).join(" and ")];
  }
  const rest = found.length - covering.length;
  const many = covering.length === 1 ? "covers " : "cover ";
  return [
    element("strong", {}, covering.length ? counted(covering.length, "rule") : "No rule"),
    ` ${covering.length ? many : "covers "}`, element("code", {}, asked.shown),
    rest ? `; ${rest.toLocaleString("en")} more mention it` : "", ". ",
    asked.address ? "Hosts are not looked up, so those that answer with this address are not here. " : "",
    auditNote(choice),
  ];
}

function auditNote(choice) {
  const open = report.teams.filter((each) => !choice.team || each.name === choice.team)
    .flatMap((each) => each.targets)
    .concat(choice.team ? [] : report.everyone.namespaces.map((each) =>
      ({...each, name: `${each.namespace}.${each.cluster}`})))
    .filter((each) => each.mode === "audit" && (!choice.cluster || each.cluster === choice.cluster)
      && (!choice.environment || clusters.get(each.cluster).environment === choice.environment));
  if (!open.length) return "";
  const more = open.length > 4 ? ` and ${open.length - 4} more` : "";
  return [`In audit, and so open to all of it: `, listed(open.slice(0, 4).map((each) => code(each.name))), `${more}.`];
}

function drawRow(entry) {
  const {rule} = entry;
  const cells = [
    [element("strong", {}, entry.team === EVERYONE ? "everyone" : entry.team), line("", code(rule.name)),
      entry.contact && line("contact free", entry.contact)],
    [drawDestinations(entry), drawNotes(entry)],
    rule.ports.map((each) => line("", code(each))),
    [line("", drawSources(rule.from)), drawPlaces(entry)],
    drawReasons(rule),
    drawEnd(rule.expires),
    ...(report.use ? [drawUse(rule)] : []),
  ];
  return element("tr", {}, cells.map((cell, at) => element("td", {"data-head": HEAD[at]}, cell)));
}

/** Last use and count, and how many entries of the rule were not used or are not known. */
function drawUse(rule) {
  const found = usesOf(rule);
  if (!found.length) return element("span", {class: "soft"}, "not looked at");
  const last = found.map((each) => each.last ?? "").sort().pop();
  const count = found.reduce((sum, each) => sum + each.count, 0);
  const marks = ["unused", "unknown"].map((seen) => {
    const number = found.filter((each) => each.seen === seen).length;
    const of = found.length === 1 ? "" : `${number.toLocaleString("en")} of ${found.length.toLocaleString("en")} `;
    return number ? line("", mark(of + USE[seen], seen === "unused" ? "warn" : "")) : [];
  });
  return [last ? line("", element("time", {datetime: last}, last)) : [],
    count ? line("soft", times(count)) : [], marks];
}

function times(count) {
  return count === 1 ? "once" : `${count.toLocaleString("en")} times`;
}

/** What logs saw of one of several entries, beside it. */
function drawEntryUse(use) {
  if (!use) return [];
  if (use.seen !== "used") return mark(USE[use.seen], use.seen === "unused" ? "warn" : "");
  return element("span", {class: "soft use"}, ` ${use.last ?? "used"}, ${times(use.count)}`);
}

function drawSources(from) {
  return selectorsOf(from).map((each, at) => [
    at ? " or " : "", each.length ? listed(each.map((one) => code(one))) : "every pod",
  ]);
}

function drawDestinations(entry) {
  const {rule, hits} = entry;
  const left = new Set(rule.delegations.filter((each) => anyOf(each.places, entry.places))
    .flatMap((each) => each.hosts));
  const rest = rule.to.map((_, at) => at).filter((at) => !hits.includes(at));
  const order = [...hits, ...rest];
  const item = (at) => drawDestination(rule.to[at], left, hits.includes(at),
    rule.to.length > 1 ? drawEntryUse(rule.to[at].use) : []);
  const shownFirst = hits.length ? Math.max(FEW, Math.min(hits.length, 40)) : FEW;
  const first = element("ul", {class: "plain"}, order.slice(0, shownFirst).map(item));
  const later = order.slice(shownFirst);
  return later.length ? [first, folded(`${later.length.toLocaleString("en")} more`, () =>
    element("ul", {class: "plain"}, later.map(item)))] : first;
}

function drawDestination(each, left, hit, use) {
  const found = (text) => (hit ? element("mark", {}, code(text)) : code(text));
  const own = each.ports ? [" on ", listed(each.ports.map(code))] : [];
  if (each.host) {
    return element("li", {}, found(each.shown ?? each.host), own, mark(WILDCARDS[each.wildcard], "wild"),
      left.has(each.host) ? mark("delegated", "left") : [], mark(each.bundle, "name"), use);
  }
  if (each.cidr) return element("li", {}, found(each.cidr), own, mark("addresses", "range"), mark(each.network, "name"), use);
  if (each.entity) return element("li", {}, "the cluster's ", found(each.entity), own, use);
  return element("li", {}, drawSources(each.pods), each.namespaceLabels ? " in namespaces with " : " in ",
    each.namespaceLabels ? drawSources(each.namespaceLabels) : found(placeText(each)), own, use);
}

function drawNotes(entry) {
  const {rule} = entry;
  const here = (names) => {
    const known = new Set(entry.places.map((each) => each.name));
    return names.filter((each) => known.has(each));
  };
  const hosts = new Set(rule.to.map((each) => each.host).filter(Boolean)).size;
  const note = (names, ...content) => {
    const places = here(names);
    return places.length ? element("p", {class: "note"}, ...content, at(places)) : [];
  };
  return [
    ...rule.approximations.map((each) => note(each.places, entry.odd.includes(each)
      ? element("strong", {}, each.how === "widen" ? "Allowed although not meant: " : "Meant although not allowed: ") : "",
      code(shownHost(rule, each.written)), ` is ${DONE[each.how]} to `, listed(each.became.map(code)), "; for example ",
      code(each.example), ` ${DIFFERENCE[each.how]}`)),
    ...rule.delegations.map((each) => note(each.places, each.hosts.length === hosts ? "its hosts are"
      : `${each.hosts.length.toLocaleString("en")} of these hosts ${each.hosts.length === 1 ? "is" : "are"}`,
      " delegated to ", each.to)),
    ...rule.caveats.map((each) => note(each.places, each.text)),
  ];
}

/** A host of the rule in both its forms, where it has two. */
function shownHost(rule, host) {
  return rule.to.find((each) => each.host === host)?.shown ?? host;
}

function at(places) {
  const more = places.length > 4 ? ` and ${places.length - 4} more` : "";
  return [", on ", listed(places.slice(0, 4).map(code)), more];
}

function drawPlaces(entry) {
  if (!entry.places.length) return line("soft", "holds nowhere: no target is among its places");
  if (entry.team === EVERYONE) {
    return line("place", "all enrolled namespaces, on ", listed(entry.places.map((each) => code(each.name))));
  }
  const draw = (each) => line("place", code(each.namespace),
    ` on ${each.cluster}, ${each.of.engine}, ${each.of.environment}`,
    each.mode === "audit" ? mark("audit", "warn") : []);
  const first = entry.places.slice(0, FEW).map(draw);
  const later = entry.places.slice(FEW);
  return later.length ? [first, folded(`${later.length} more`, () => line("", later.map(draw)))] : first;
}

function drawReasons(rule) {
  const bundles = [...new Set(rule.to.map((each) => each.bundle).filter(Boolean))];
  return [
    line("free", rule.reason), rule.ticket && line("", code(rule.ticket)),
    bundles.map((each) => line("soft free", `bundle ${each}, vetted by ${owners.get(each)}`)),
  ];
}

function drawEnd(day) {
  if (!day) return element("span", {class: "soft"}, "no end");
  const days = daysTo(day);
  const near = ["today", "tomorrow"][days] ?? `in ${days} days`;
  return [element("time", {datetime: day}, day), isSoon(day) ? mark(near, "warn") : []];
}

/** One row for each destination of a rule; the same as `transire report --format csv`. */
function csvRows(entry) {
  const {rule} = entry;
  return rule.to.map((each) => [
    entry.team === EVERYONE ? "everyone" : entry.team, rule.name, csvDestination(each), (each.ports ?? rule.ports).join(" "),
    csvSources(rule.from),
    entry.places.map((one) => one.name).join(" "), rule.reason, rule.ticket ?? "", rule.expires ?? "",
    ...(report.use ? [each.use?.seen ?? "", each.use ? String(each.use.count) : "", each.use?.last ?? ""] : []),
  ]);
}

function csvSources(from) {
  if (!Array.isArray(from)) return pairsOf(from).join(",");
  return from.map((each) => {
    const conditions = [...pairsOf(each.labels ?? {}), ...(each.matchExpressions ?? []).map(conditionText)];
    return conditions.join(",") + (each.serviceAccount ? `@${each.serviceAccount}` : "");
  }).join(" or ");
}

function csvDestination(each) {
  if (each.host) return each.host;
  if (each.cidr) return each.cidr;
  if (each.entity) return `entity:${each.entity}`;
  const labels = Object.entries(each.pods).map(([key, value]) => `${key}=${value}`).join(",");
  return `pod:${each.namespace}${labels ? `/${labels}` : ""}`;
}

filters(document.getElementById("filter"), (choice) => {
  const result = search(choice);
  result.found = inOrder(result.found, ORDERS[choice.sort], (each) => each.covers);
  latest = result.found;
  document.getElementById("found").replaceChildren(element("span", {}, sentence(result)), ...drawNear(result));
  longList(document.querySelector("#rules tbody"), result.found, drawRow);
});

document.getElementById("csv").addEventListener("click", () => download("egress.csv", asCsv(COLUMNS, latest.flatMap(csvRows))));
