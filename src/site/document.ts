// Reads YAML: text to plain data, with the place of every value and every mistake of YAML itself.
import { Lexer, LineCounter, parseDocument, type YAMLError } from 'yaml'
import { codeFrame, positionOf, type SourceText } from './frame.ts'
import { secretsOfText } from './mask.ts'
import type { Range } from './range.ts'
import { SECRET_MESSAGE } from './schema/words.ts'
import type { Finding, Located, Path } from './site.ts'
import { readTree, type Tree } from './tree.ts'

export interface SiteDocument {
  /** Plain data; meaningless where `broken`. */
  readonly value: unknown
  /** Mistakes of YAML: syntax, keys that stand twice, aliases that lead nowhere. */
  readonly findings: readonly Located[]
  /** True where the text is not YAML: nothing after this can be trusted. */
  readonly broken: boolean
  /** Where secrets stand in the text, or what may be one: never shown. */
  readonly secrets: readonly Range[]
  /** Gives a finding its place: of the value, of its key, or of the nearest thing around that exists. */
  locate(finding: Finding): Located
}

/** So many syntax errors are reported: after the first ones they are mostly echoes. */
const MAX_SYNTAX = 20

/** Words and signs of a file; 10,000 guests have 700,000. The library needs 1 KB for each, so four million commas would be 4 GB. */
const MAX_TOKENS = 1_000_000

const WORDING: Partial<Record<string, string>> = {
  TAB_AS_INDENT: 'YAML is indented with spaces, not with tabs',
  MULTIPLE_DOCS: 'a second document begins here (---); a site file is one document',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
}

/** Reads the text of a site file; `file` is its name for people. Never throws: what is wrong is in `findings`. */
export function readDocument(text: string, file: string): SiteDocument {
  const end = tokensEnd(text)
  if (end !== undefined) return overfull(text, file, end)
  const counter = new LineCounter()
  // Keys that stand twice are found by us: the library compares each key with all others.
  const yaml = parseDocument(text, { lineCounter: counter, schema: 'core', uniqueKeys: false, prettyErrors: false })
  const lineStarts = counter.lineStarts.length > 0 ? counter.lineStarts : [0]
  const tree = readTree(yaml, text)
  const syntax = syntaxErrors([...yaml.errors, ...yaml.warnings])
  const secrets = syntax.length > 0 ? [...tree.secrets, ...secretsOfText(text)] : tree.secrets
  const source: SourceText = { text, lineStarts, secrets }
  const flaws = syntax.length > 0 ? [] : tree.flaws
  const findings = [
    ...syntax.map((error) => ({
      finding: yamlFinding(error),
      range: [error.pos[0], Math.max(error.pos[1], error.pos[0] + 1)] as const,
    })),
    ...flaws.map(({ range, path, message }) => ({ finding: { severity: 'error' as const, path, message }, range })),
  ].map(({ finding, range }) => place(source, file, hushed(finding, range, secrets), range))
  return {
    value: tree.value,
    findings,
    broken: syntax.length > 0,
    secrets,
    locate: (finding) => {
      const path = written(tree.value, finding.path)
      return place(source, file, { ...finding, path }, find(tree, path, finding.atKey === true))
    },
  }
}

/** The offset at which a text has more tokens than a site file can have; undefined where it has not. */
function tokensEnd(text: string): number | undefined {
  if (text.length <= MAX_TOKENS) return undefined
  let count = 0
  let offset = 0
  for (const token of new Lexer().lex(text)) {
    offset += token.length
    if (++count > MAX_TOKENS) return Math.min(offset, text.length)
  }
  return undefined
}

function overfull(text: string, file: string, end: number): SiteDocument {
  const lineStarts = [0, ...[...text.slice(0, end).matchAll(/\n/g)].map(({ index }) => index + 1)]
  const message = `is too much for a site file: over ${MAX_TOKENS.toLocaleString('en')} words and signs up to here`
  const locate = (finding: Finding) => ({ ...finding, file, ...positionOf({ lineStarts }, end), frame: '' })
  return {
    value: null,
    findings: [locate({ severity: 'error', path: [], message })],
    broken: true,
    secrets: [[0, text.length]],
    locate,
  }
}

/** What is wrong with a secret is told without its words: a password may begin with `*`, `!` or `|`. */
function hushed(finding: Finding, [start]: Range, secrets: readonly Range[]): Finding {
  const isSecret = secrets.some(([from, to]) => from <= start && start <= to)
  return isSecret ? { ...finding, message: SECRET_MESSAGE } : finding
}

/** Without echoes: where the nesting exhausts the parser, or one place is wrong in several ways, the first says enough. */
function syntaxErrors(errors: readonly YAMLError[]): YAMLError[] {
  const deep = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  if (deep !== undefined) return [deep]
  const places = new Set<number>()
  const first = errors.filter(({ pos }) => !places.has(pos[0]) && places.add(pos[0]))
  return first.slice(0, MAX_SYNTAX)
}

function yamlFinding(error: YAMLError): Finding {
  const message =
    WORDING[error.code] ?? error.message.replace(/\s+/g, ' ').replace(/^(.)/, (letter) => letter.toLowerCase())
  return { severity: 'error', path: [], message }
}

function place(source: SourceText, file: string, finding: Finding, range: Range): Located {
  const start = Math.min(range[0], source.text.length)
  return {
    ...finding,
    file,
    ...positionOf(source, start),
    frame: codeFrame(source, [start, Math.max(range[1], start)]),
  }
}

/** A scalar's own place; for a map or a list the key that opens it, which says more than its first line. */
function find(tree: Tree, path: Path, atKey: boolean): Range {
  let value = tree.value
  let range: Range = [0, 0]
  for (const [depth, part] of path.entries()) {
    const entries = typeof value === 'object' && value !== null ? tree.origins.get(value) : undefined
    const origin = entries?.get(part) ?? entries?.get(typeof part === 'number' ? String(part) : Number(part))
    if (origin === undefined) return range
    value = childOf(value, part)
    const wantsKey = atKey || depth < path.length - 1 || (typeof value === 'object' && value !== null)
    range = wantsKey ? (origin.key ?? origin.value) : origin.value
  }
  return range
}

/** The path as it was written: where `x` stood for `[x]`, without the index. */
function written(value: unknown, path: Path): Path {
  const last = path.at(-1)
  if (typeof last !== 'number') return path
  const list = path.slice(0, -1).reduce<unknown>(childOf, value)
  return Array.isArray(list) || list === undefined ? path : path.slice(0, -1)
}

function childOf(value: unknown, part: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined
}
