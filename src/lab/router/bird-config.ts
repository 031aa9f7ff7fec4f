// BIRD's configuration, read as strictly as a router's needs it: balanced, every name defined, every option known.
import type { HostState } from '../host/state.ts'
import { checkBgp, checkNames } from './bird-check.ts'
import { CHANNEL_OPTIONS, NEWER_BGP, PROTOCOL_OPTIONS } from './bird-options.ts'
import { type Statement, statementsOf, wordsOf } from './bird-statements.ts'
import { birdTokens, type Token } from './bird-tokens.ts'

export interface BirdProtocol {
  readonly type: string
  readonly name: string
  /** Its statements, words with one blank between them; channels as `ipv6 import …`. */
  readonly statements: readonly string[]
}

export interface BirdConfig {
  readonly routerId: string
  readonly protocols: readonly BirdProtocol[]
  /** Values of `define`, as text. */
  readonly defines: ReadonlyMap<string, string>
  /** Bodies of filters, and of functions. */
  readonly filters: ReadonlyMap<string, string>
  readonly functions: ReadonlyMap<string, string>
}

/** `version` as bird2's, e.g. `2.17.5`. Errors: `FILE:LINE:COLUMN message`, as BIRD says it. */
export function readBird(host: Pick<HostState, 'files'>, path: string, version: string): BirdConfig {
  const tokens = birdTokens(host, path)
  checkNames(tokens)
  return toConfig(statementsOf(tokens), isNew(version))
}

const isNew = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 2 || minor >= 17
}

/** BIRD's version, by its package; undefined = not installed. */
export function birdVersionOf({ packages }: HostState): string | undefined {
  return (packages.bird2 ?? packages.bird3)?.replace(/-.*/, '')
}

const TOP =
  /^(log|timeformat|router id|define|filter|function|protocol|template|roa4 table|roa6 table|ipv4 table|ipv6 table|attribute|debug|cli|hostname|threads|graceful restart|watchdog|eval)\b/

function toConfig(statements: readonly Statement[], newer: boolean): BirdConfig {
  const protocols: BirdProtocol[] = []
  const defines = new Map<string, string>()
  const filters = new Map<string, string>()
  const functions = new Map<string, string>()
  const templates = new Map<string, BirdProtocol>()
  let routerId = ''
  for (const { head, inside } of statements) {
    const text = wordsOf(head)
    const [first, second, third] = head
    if (!TOP.test(text))
      throw new Error(`${first?.at ?? inside?.[0]?.at} syntax error, unexpected ${first?.text ?? "'{'"}`)
    checkEnd(head, (rest) => TOP.test(rest))
    if (text.startsWith('router id ')) routerId = text.slice('router id '.length)
    if (first?.text === 'define') defines.set(second?.text ?? '', wordsOf(head.slice(3)))
    if (first?.text === 'filter') filters.set(second?.text ?? '', wordsOf(inside ?? []))
    if (first?.text === 'function') functions.set(second?.text ?? '', wordsOf(inside ?? []))
    const type = second?.text ?? ''
    if (first?.text === 'template')
      templates.set(third?.text ?? '', toProtocol(type, third?.text ?? '', first.at, inside ?? [], newer))
    if (first?.text !== 'protocol') continue
    const count = protocols.filter((one) => one.type === type).length + 1
    const name = third?.text ?? `${type}${count}`
    if (protocols.some((one) => one.name === name)) throw new Error(`${third?.at} Symbol already defined`)
    const own = toProtocol(type, name, first.at, inside ?? [], newer)
    const protocol = { ...own, statements: [...inherited(head, type, templates), ...own.statements] }
    if (type === 'bgp') checkBgp(first.at, protocol.statements, defines)
    protocols.push(protocol)
  }
  return { routerId, protocols, defines, filters, functions }
}

/** What `protocol bgp NAME from TEMPLATE` takes over. */
function inherited(
  [, , , word, template]: readonly Token[],
  type: string,
  templates: ReadonlyMap<string, BirdProtocol>,
): readonly string[] {
  if (word?.text !== 'from') return []
  const found = templates.get(template?.text ?? '')
  if (found?.type !== type)
    throw new Error(`${template?.at ?? word.at} Template ${template?.text} is of another protocol`)
  return found.statements
}

function toProtocol(type: string, name: string, at: string, inside: readonly Token[], newer: boolean): BirdProtocol {
  const options = PROTOCOL_OPTIONS[type]
  if (!options) throw new Error(`${at} syntax error, unexpected ${type}`)
  const all = type === 'bgp' && newer ? [...options, ...NEWER_BGP] : options
  const statements = statementsOf(inside).flatMap(({ head, inside: block }) => {
    const text = wordsOf(head)
    checkOption(head, text, all)
    const isChannel = /^(ipv4|ipv6|roa4|roa6)$/.test(text)
    if (!isChannel || type === 'rpki') return [text]
    return [text, ...statementsOf(block ?? []).map((one) => channelOption(text, one))]
  })
  return { type, name, statements }
}

function channelOption(channel: string, { head, inside }: Statement): string {
  checkOption(head, wordsOf(head), CHANNEL_OPTIONS)
  return `${channel} ${wordsOf([...head, ...(inside ?? [])])}`
}

function checkOption(head: readonly Token[], text: string, known: readonly string[]): void {
  const begins = (words: string) => known.some((option) => words === option || words.startsWith(`${option} `))
  checkEnd(head, begins)
  if (!begins(text)) throw new Error(`${head[0]?.at ?? ''} syntax error, unexpected ${head[0]?.text ?? "'{'"}`)
}

/** Where a new line begins as a statement does, the one before it has no `;`. */
function checkEnd(head: readonly Token[], begins: (words: string) => boolean): void {
  const lineOf = (token: Token | undefined) => token?.at.replace(/:\d+$/, '')
  const next = head.findIndex((token, index) => {
    return index > 0 && lineOf(token) !== lineOf(head[index - 1]) && begins(wordsOf(head.slice(index)))
  })
  if (next > 0) throw new Error(`${head[next]?.at} syntax error, unexpected ${head[next]?.text}`)
}

/** The text of a configuration with its includes in their places, for comparing and keeping. */
export function wholeText(host: Pick<HostState, 'files'>, path: string): string {
  return (
    birdTokens(host, path)
      // What stood in quotes reads as it did, only in quotes.
      .map(({ text, kind }) => (kind === 'word' && !/^\w+$/.test(text) ? `'${text}'` : text))
      .join(' ')
  )
}

/** A configuration that was kept with `wholeText`. */
export function readKept(text: string, version: string): BirdConfig {
  return readBird({ files: { kept: { kind: 'file', text, mode: 0o600 } } }, 'kept', version)
}
