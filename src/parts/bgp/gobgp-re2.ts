// The few words of Go's regular expressions (RE2) that orion writes; one that does not compile there is silently no condition.

const CLASS = String.raw`\[[0-9]-[0-9]\]|\[\{\]`
const ATOM = String.raw`(?:[0-9:,_]|\.\*|${CLASS})(?:\{[0-9]+\})?`
const GROUP = String.raw`\((?:${ATOM})+(?:\|(?:${ATOM})+)*\)`

/** Numbers, digit classes with a count, groups of alternatives, anchors, and GoBGP's `_`. */
export const PATTERN = new RegExp(String.raw`^\^?(?:${ATOM}|${GROUP})+\$?$`)
