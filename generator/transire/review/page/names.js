/*
Hosts and addresses as transire means them:
  asName(text)             the plain host name somebody typed or pasted, in punycode, or ""
  covers(pattern, name)    whether a pattern of the values means that name
  asAddress(text)          an IP address as {bits, value}, or null
  rangeHolds(cidr, address)
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
