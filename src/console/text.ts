// Text for a terminal: how wide it is, cut and wrapped to a width, made harmless, and the words for things and times.
import { stripVTControlCharacters } from 'node:util'

const MARK = /\p{Mark}|\u200d|\ufe0f/u
// East Asian wide and fullwidth blocks, and emoji; close enough to cut and align by.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** Columns that a text takes; colours take none. */
export function getWidth(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    if (!MARK.test(character)) width += WIDE.test(character) ? 2 : 1
  }
  return width
}

/** A value from outside on one line: line feeds as `\n`, and nothing in it that a terminal would obey. */
export function clean(text: string): string {
  const shown = stripVTControlCharacters(text).replaceAll('\r', '').replaceAll('\n', '\\n').replaceAll('\t', ' ')
  return shown.replaceAll(/\p{Control}|[\u202a-\u202e\u2066-\u2069]/gu, '?')
}

/** A text from outside as one line of a log: its lines joined by blanks. */
export function toLine(text: string): string {
  return clean(text.trim().replaceAll(/\s*\n\s*/g, ' '))
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - getWidth(text)))
}

/** Cut to a width, the cut shown by `…`. Plain text only. */
export function cut(text: string, width: number): string {
  if (getWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const character of text) {
    used += getWidth(character)
    if (used > width - 1) break
    kept += character
  }
  return `${kept}…`
}

/** A command of ours up to the end of the part of a sentence in which it stands: it is to be typed, so it stays in one piece. */
const COMMAND =
  /(?:\borion|\S*run\.js) (?:bgp|bootstrap|gpu|keeper|lab|mesh|net|verify|vm)\b(?: (?!(?:adds?|and|if|or|then|to)\b)[^\s;]*[^\s;:.,])*/g

const wordsOf = (text: string): readonly string[] =>
  text.replaceAll(COMMAND, (command) => command.replaceAll(' ', '\n')).split(' ')

/**
 * One line of plain text, wrapped at blanks, and within a word only where the word alone is too wide; commands of ours never.
 * At least one line.
 */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(8, width)
  const lines = ['']
  for (const word of wordsOf(text).flatMap((long) => split(long, room))) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (getWidth(line) + 1 + getWidth(word) <= room) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => line.replaceAll('\n', ' '))
}

/** A word that is too wide, in pieces that fit: after a comma of it where there is one, else anywhere. */
function split(word: string, width: number): string[] {
  if (getWidth(word) <= width || word.includes('\n')) return [word]
  const pieces = ['']
  for (const part of word.split(/(?<=,)/)) {
    for (const bit of getWidth(part) <= width ? [part] : part) {
      const piece = pieces.at(-1) ?? ''
      if (getWidth(piece) + getWidth(bit) <= width) pieces[pieces.length - 1] = piece + bit
      else pieces.push(bit)
    }
  }
  return pieces
}

/** Lines wrapped to a width, under a first prefix; blanks at the start of a line stay, also for what is wrapped of it. */
export function indent(text: string, prefix: string, width: number): string[] {
  const blank = ' '.repeat(getWidth(prefix))
  const lines = text.split('\n').flatMap((line) => {
    const shown = clean(line)
    const margin = ' '.repeat(Math.min(shown.length - shown.trimStart().length, 8))
    return wrap(shown.trimStart(), width - blank.length - margin.length).map((piece) => margin + piece)
  })
  return lines.map((line, at) => (at === 0 ? prefix : blank) + line)
}

/** Kind, title and place of a thing: `vm`, `router`, `r730/200`. The place is empty where it says nothing new. */
export function getParts({ id, title }: Thing): [string, string, string] {
  const at = id.indexOf(':')
  const kind = id.slice(0, Math.max(0, at))
  const place = id.slice(at + 1)
  const bare = title.startsWith(`${kind} `) ? title.slice(kind.length + 1) : title
  return [clean(kind), clean(bare), clean(place === bare ? '' : place)]
}

/** Something with an id `kind:place`: a resource, or a probe. */
interface Thing {
  readonly id: string
  readonly title: string
}

/** `vm router (r730/200)`. */
export function getLabel(thing: Thing): string {
  const [kind, title, place] = getParts(thing)
  return [kind, title, place && `(${place})`].filter((part) => part !== '').join(' ')
}

/** A probe is told by what it proves: `guest running: router (r730/200)`. */
export function getProbeLabel(probe: Thing): string {
  const [kind, ...rest] = getParts(probe)
  const label = getLabel({ id: rest[1] ? `:${rest[1]}` : '', title: rest[0] }).trim()
  return kind === '' ? label : `${kind.replaceAll('-', ' ')}: ${label}`
}

/** `0.4 s`, `12 s`, `3 min 5 s`, `1 h 2 min`. */
export function getTime(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** What took less is not worth a guess. */
const LONG_MS = 3_000

export const isLong = (ms: number | undefined): ms is number => ms !== undefined && ms >= LONG_MS

/** A guess: `5 s`, `40 s`, `2 min`, `1 h`. */
export function getAbout(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 9.5) return `${Math.round(seconds)} s`
  if (seconds < 57.5) return `${Math.round(seconds / 5) * 5} s`
  return seconds < 3570 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

/** Running time as a clock, `0:04`, `12:30`, `1:02:03`: its width stays the same from second to second. */
export function getClock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (number: number) => String(number).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const tail = `${two(seconds % 60)}`
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`
}

/** `1 step`, `2 steps`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
