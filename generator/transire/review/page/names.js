/*
Hosts and addresses as transire means them:
  asName(text)             the plain host name somebody typed or pasted, in punycode, or ""
  covers(pattern, name)    whether a pattern of the values means that name
  asAddress(text)          an IP address as {bits, value}, or null
  rangeHolds(cidr, address)
  nearMiss(pattern, name)  how a pattern of the values just fails to mean that name, in words such as
                           "one label short of *.example.com", or ""
  nearRange(cidr, address) the same of a range and an address
*/

function asName(typed) {
  const host = typed.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, "").replace(/[/?#].*$/s, "")
    .replace(/:\d+$/, "").replace(/\.$/, "").toLowerCase();
  const labels = host.split(".").map(asciiLabel);
  const plain = labels.every((each) => /^[a-z0-9_](?:[-a-z0-9_]*[a-z0-9_])?$/.test(each) && each.length <= 63);
  const name = labels.join(".");
  return plain && labels.length > 1 && name.length <= 253 ? name : "";
}

function asciiLabel(label) {
  if (/^[\x00-\x7f]*$/.test(label)) return label;
  try {
    return new URL(`http://${label}.invalid`).hostname.replace(/\.invalid$/, "");
  } catch {
    return "";
  }
}

function covers(pattern, name) {
  let parts = pattern.split("."), labels = name.split(".");
  if (parts[0] === "**") {
    const below = parts.length - 1;
    if (!below) return name !== "";
    if (labels.length <= below) return false;
    labels = labels.slice(-below);
    parts = parts.slice(1);
  }
  return labels.length === parts.length && parts.every((part, place) => labelCovers(part, labels[place]));
}

function labelCovers(part, label) {
  if (part === "*") return label !== "";
  const pieces = part.split("*");
  if (pieces.length === 1) return part === label;
  const head = pieces[0], tail = pieces[pieces.length - 1];
  if (label.length < head.length + tail.length || !label.startsWith(head) || !label.endsWith(tail)) {
    return false;
  }
  let place = head.length;
  const end = label.length - tail.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = label.indexOf(piece, place);
    if (found < 0 || found + piece.length > end) return false;
    place = found + piece.length;
  }
  return true;
}

const COUNTS = ["no", "one", "two", "three"];
const NEAR_LABELS = 3;
const NEAR_LETTERS = 2;
const SHORT_LABEL = 4;
const NEAR_BITS = {32: 24n, 128: 64n};

function nearMiss(pattern, name) {
  if (covers(pattern, name)) return "";
  const wild = pattern.startsWith("**.") ? pattern.slice(1) : pattern;
  const parts = wild.split("."), labels = name.split(".");
  const more = labels.length - parts.length;
  const counted = (number) => `${COUNTS[number]} label${number === 1 ? "" : "s"}`;
  if (more < 0 && -more <= NEAR_LABELS && parts.length + more > 1 && hasEnd(parts.slice(-more), labels)) {
    return pattern.includes("*") ? `${counted(-more)} short of ${pattern}` : `${counted(-more)} above ${pattern}`;
  }
  if (more > 0 && more <= NEAR_LABELS && parts.length > 1 && hasEnd(parts, labels.slice(more))) {
    return pattern.includes("*") ? `${counted(more)} too many for ${pattern}` : `${counted(more)} below ${pattern}`;
  }
  if (more !== 0) return "";
  const odd = parts.map((part, at) => [part, labels[at]]).filter(([part, label]) => !labelCovers(part, label));
  if (odd.length !== 1 || odd[0][0].includes("*") || odd[0][0].length < SHORT_LABEL) return "";
  const letters = distance(...odd[0]);
  return letters <= NEAR_LETTERS ? `${COUNTS[letters]} letter${letters === 1 ? "" : "s"} from ${pattern}` : "";
}

/** Whether labels of a pattern stand for labels of a name, one by one. */
function hasEnd(parts, labels) {
  return parts.length === labels.length && parts.every((part, at) => labelCovers(part, labels[at]));
}

/** How many letters differ: put in, left out or another. */
function distance(one, other) {
  let row = Array.from({length: other.length + 1}, (_, at) => at);
  for (let place = 1; place <= one.length; place += 1) {
    const next = [place];
    for (let at = 1; at <= other.length; at += 1) {
      const same = one[place - 1] === other[at - 1] ? 0 : 1;
      next.push(Math.min(next[at - 1] + 1, row[at] + 1, row[at - 1] + same));
    }
    row = next;
  }
  return row[other.length];
}

function nearRange(cidr, address) {
  if (rangeHolds(cidr, address)) return "";
  const range = asAddress(cidr.split("/")[0]);
  if (range === null || range.bits !== address.bits) return "";
  const low = BigInt(range.bits) - NEAR_BITS[range.bits];
  return range.value >> low === address.value >> low ? `near ${cidr}, and outside of it` : "";
}

function asAddress(text) {
  const four = fourBytes(text);
  if (four !== null) return {bits: 32, value: four};
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(":")) return null;
  let written = text.toLowerCase();
  const tail = written.match(/^(.*:)([0-9.]+)$/);
  if (tail && tail[2].includes(".")) {
    const value = fourBytes(tail[2]);
    if (value === null) return null;
    written = `${tail[1]}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  }
  const halves = written.split("::");
  if (halves.length > 2) return null;
  const [left, right] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - left.length - (right ?? []).length;
  if (right === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array(missing).fill("0"), ...(right ?? [])];
  if (!groups.every((each) => /^[0-9a-f]{1,4}$/.test(each))) return null;
  return {bits: 128, value: groups.reduce((sum, each) => (sum << 16n) | BigInt(`0x${each}`), 0n)};
}

function fourBytes(text) {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text)) return null;
  const bytes = text.split(".").map(BigInt);
  return bytes.every((each) => each < 256n) ? bytes.reduce((sum, each) => (sum << 8n) | each, 0n) : null;
}

function rangeHolds(cidr, address) {
  const [network, length] = cidr.split("/");
  const range = asAddress(network);
  if (range === null || range.bits !== address.bits) return false;
  const low = BigInt(range.bits - Number(length));
  return range.value >> low === address.value >> low;
}
