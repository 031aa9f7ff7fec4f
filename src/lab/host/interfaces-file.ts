// /etc/network/interfaces as ifupdown2 reads it: keywords, stanzas, options; what it cannot read is an error with its line.
import { isIP } from 'node:net'
import { type HostState, textAt } from './state.ts'

export const INTERFACES = '/etc/network/interfaces'
export const INTERFACES_NEW = '/etc/network/interfaces.new'

export interface Stanza {
  readonly name: string
  readonly family: 'inet' | 'inet6'
  readonly method: string
  /** In order; a key may come again. */
  readonly options: (readonly [key: string, value: string])[]
  /** `#` lines inside the stanza, without the `#`. */
  readonly comments: string[]
}

export interface ParsedInterfaces {
  readonly auto: ReadonlySet<string>
  readonly stanzas: readonly Stanza[]
  /** `line4: error processing line '…'` */
  readonly errors: readonly string[]
  /** What `source` lines name. */
  readonly sources: readonly string[]
}

const METHODS = new Set(['static', 'manual', 'dhcp', 'loopback', 'auto', 'ppp', 'tunnel'])

/** Reads one text; nothing is thrown, `errors` says what ifupdown2 would not take. */
export function parseInterfaces(text: string): ParsedInterfaces {
  const auto = new Set<string>()
  const stanzas: Stanza[] = []
  const errors: string[] = []
  const sources: string[] = []
  let current: Stanza | undefined
  for (const { line, number } of linesOf(text)) {
    const [keyword = '', ...words] = line.split(/\s+/)
    if (keyword.startsWith('#')) current?.comments.push(line.slice(1))
    else if (keyword === 'iface') {
      current = stanzaOf(words)
      if (current) stanzas.push(current)
      else errors.push(`line${number}: invalid syntax '${line}'`)
    } else if (keyword === 'auto' || keyword.startsWith('allow-')) {
      current = undefined
      for (const name of words) auto.add(name)
    } else if (keyword === 'source' || keyword === 'source-directory') {
      current = undefined
      sources.push(words.join(' '))
    } else if (current) current.options.push([keyword.replaceAll('_', '-'), words.join(' ')])
    else errors.push(`line${number}: error processing line '${line}'`)
  }
  return { auto, stanzas, errors, sources }
}

function linesOf(text: string): { line: string; number: number }[] {
  const found: { line: string; number: number }[] = []
  let kept = ''
  text.split('\n').forEach((raw, index) => {
    if (raw.endsWith('\\')) {
      kept += `${raw.slice(0, -1)} `
      return
    }
    const line = `${kept}${raw}`.trim()
    kept = ''
    if (line !== '') found.push({ line, number: index + 1 })
  })
  return found
}

function stanzaOf(words: readonly string[]): Stanza | undefined {
  const [name, family = 'inet', method = 'manual', ...rest] = words
  const known = (family === 'inet' || family === 'inet6') && METHODS.has(method)
  if (name === undefined || !known || rest.length > 0) return undefined
  return { name, family: family as Stanza['family'], method, options: [], comments: [] }
}

/** The text with what its `source` lines bring in, as one parse. */
export function parseWithSources(host: Pick<HostState, 'files'>, text: string): ParsedInterfaces {
  const main = parseInterfaces(text)
  const more = main.sources.flatMap((pattern) => matching(host, pattern)).map((path) => textAt(host, path) ?? '')
  const parts = [main, ...more.map(parseInterfaces)]
  return {
    auto: new Set(parts.flatMap((part) => [...part.auto])),
    stanzas: parts.flatMap((part) => part.stanzas),
    errors: parts.flatMap((part) => part.errors),
    sources: main.sources,
  }
}

function matching({ files }: Pick<HostState, 'files'>, pattern: string): string[] {
  const star = pattern.includes('*') ? pattern : `${pattern}/*`
  const expression = new RegExp(`^${star.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`)
  return Object.keys(files)
    .filter((path) => expression.test(path) || path === pattern)
    .sort()
}

/** Every value of an option in the stanzas of an interface. */
export function optionValues(stanzas: readonly Stanza[], name: string, key: string): string[] {
  return stanzas
    .filter((stanza) => stanza.name === name)
    .flatMap(({ options }) => options.filter(([option]) => option === key).map(([, value]) => value))
}

/** `192.0.2.1/24` of an address as the file has it, a netmask beside it counted in; undefined where it is none. */
export function cidrOf(address: string, netmask: string | undefined): string | undefined {
  const [ip = '', prefix = netmask] = address.split('/')
  const version = isIP(ip)
  if (version === 0) return undefined
  const bits = prefix === undefined ? (version === 4 ? 32 : 128) : prefixOf(prefix)
  return bits >= 0 && bits <= (version === 4 ? 32 : 128) ? `${ip}/${bits}` : undefined
}

function prefixOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  if (isIP(text) !== 4) return -1
  const bits = text.split('.').map((part) => Number(part).toString(2).padStart(8, '0'))
  return /^1*0*$/.test(bits.join('')) ? bits.join('').replaceAll('0', '').length : -1
}
