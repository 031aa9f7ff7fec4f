// /etc/kernel/cmdline, the one line that systemd-boot's entries are made of: words are added and taken away, the rest stays byte for byte.
import { getPlaces, toWords } from './tokens.ts'

/** The line as it shall be, and which of its words are orion's. */
export interface CommandLine {
  readonly text: string
  readonly added: readonly string[]
}

/**
 * `text` with the words `wanted`, and without those of `added` (which orion put there before) that are not wanted. A word that
 * stands there by somebody else is nobody's to take away. Without changes by others in between, adding and then wanting
 * nothing gives the same text again. Pure.
 */
export function setWords(text: string, added: readonly string[], wanted: readonly string[]): CommandLine {
  const own = ownOf(text, added)
  const others = removeAll(text, own)
  const mine = wanted.filter((word) => !toWords(others).includes(word))
  const kept = own.filter((word) => mine.includes(word))
  const base = removeAll(
    text,
    own.filter((word) => !mine.includes(word)),
  )
  const missing = mine.filter((word) => !kept.includes(word))
  return { text: append(base, missing), added: mine }
}

/** Why this is not a line that orion changes; [] = it is. A second line, or one without root=, does not start. Pure. */
export function getLineProblems(path: string, text: string): readonly string[] {
  const lines = text.trimEnd().split(/\r\n|[\n\r\v\f\u2028\u2029]/)
  if (text.trim() === '') return [`${path} is empty, and would not start the node: write its line first`]
  if (lines.length > 1) return [`${path} has ${lines.length} lines, and the loader takes one: join them first`]
  if ((text.match(/"/g) ?? []).length % 2 === 1) return [`${path} has a quotation mark that is not closed`]
  // Of several the last one counts; without any the node would not find its system.
  if (!toWords(text).some((word) => /^root=./.test(word))) return [`${path} has no root=, and would not start the node`]
  return []
}

/** Of these words as many as stand there. */
function ownOf(text: string, added: readonly string[]): readonly string[] {
  const there = toWords(text)
  return [...new Set(added)].filter((word) => there.includes(word))
}

function removeAll(text: string, words: readonly string[]): string {
  return words.reduce(removeOne, text)
}

/** Its last place, with the one blank before it, which came with it; at the start of a line the one after it. */
function removeOne(text: string, word: string): string {
  const place = getPlaces(text).findLast(([one]) => one === word)
  if (place === undefined) return text
  const [, start] = place
  const end = start + word.length
  if (/[ \t]/.test(text[start - 1] ?? '')) return text.slice(0, start - 1) + text.slice(end)
  return text.slice(0, start) + text.slice(/[ \t]/.test(text[end] ?? '') ? end + 1 : end)
}

function append(text: string, words: readonly string[]): string {
  const [, line = '', end = ''] = /^([^\r\n]*)([\s\S]*)$/.exec(text) ?? []
  return line + words.map((word) => ` ${word}`).join('') + end
}
