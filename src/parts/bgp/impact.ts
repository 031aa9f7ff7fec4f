// What a new configuration does to each session: BIRD compares protocol by protocol, restarts one whose options differ, and
// reads the routes of one anew whose filters differ. The same comparison, made on the texts.
import { parseStatements, type Statement, statementsIn } from './bird-statements.ts'

/** `resets`: the session ends and comes back; `reloads`: it stays, and its routes pass the filters again. */
export type Impact = 'new' | 'ends' | 'resets' | 'reloads' | 'nothing'

/** By the name of the BGP protocol. Each side: the text of bird.conf and of everything that it includes. Pure. */
export function impactOf(old: readonly string[], next: readonly string[]): ReadonlyMap<string, Impact> {
  const [before, after] = [readProtocols(old), readProtocols(next)]
  const names = [...new Set([...before.keys(), ...after.keys()])]
  return new Map(names.map((name) => [name, compare(before.get(name), after.get(name))]))
}

/** What is compared of a BGP protocol, with everything that it refers to. */
interface Prints {
  readonly session: string
  readonly routes: string
}

function compare(before: Prints | undefined, after: Prints | undefined): Impact {
  if (before === undefined) return 'new'
  if (after === undefined) return 'ends'
  if (before.session !== after.session) return 'resets'
  return before.routes === after.routes ? 'nothing' : 'reloads'
}

type Named = ReadonlyMap<string, Statement>

function readProtocols(texts: readonly string[]): ReadonlyMap<string, Prints> {
  const all = texts.flatMap(parseStatements)
  const symbols: Named = new Map(
    all.flatMap((one) => (/^(define|filter|function)$/.test(one[0] ?? '') ? [[one[1] ?? '', one] as const] : [])),
  )
  const templates: Named = new Map(
    all.flatMap((one) => (one[0] === 'template' && one[1] === 'bgp' ? [[one[2] ?? '', one] as const] : [])),
  )
  const routerId = all.find(([first, second]) => first === 'router' && second === 'id') ?? []
  const protocols = all.filter(([first, second]) => first === 'protocol' && second === 'bgp')
  return new Map(
    protocols.map((one) => [unquoted(one[2] ?? ''), toPrints([routerId, ...optionsOf(one, templates)], symbols)]),
  )
}

const unquoted = (name: string): string => name.replace(/^'(.*)'$/, '$1')

/** Its own options after those of its template. */
function optionsOf(protocol: Statement, templates: Named, depth = 0): readonly Statement[] {
  const template = protocol[3] === 'from' && depth < 10 ? templates.get(protocol[4] ?? '') : undefined
  return [...(template === undefined ? [] : optionsOf(template, templates, depth + 1)), ...statementsIn(protocol)]
}

function toPrints(options: readonly Statement[], symbols: Named): Prints {
  const channels = options.filter(isChannel)
  const inside = channels.flatMap((channel) => statementsIn(channel).map((one) => ({ one, of: channel[0] ?? '' })))
  const reloads = inside.filter(({ one }) => isReloaded(one))
  const resets = inside.filter(({ one }) => !isReloaded(one) && !startsWith(one, CHANNEL_NOTHING))
  const print = (statements: readonly Statement[]) =>
    statements
      .map((one) => expand(one, symbols))
      .sort()
      .join('\n')
  const marked = (all: typeof inside) => all.map(({ one, of }) => [of, ...one])
  return {
    session: print([
      ...options.filter((one) => !isChannel(one) && !startsWith(one, NOTHING)),
      ...channels.map(([name = '']) => [name]),
      ...marked(resets),
    ]),
    routes: print(marked(reloads)),
  }
}

// What a running BIRD 2.0.12, 2.17.5 and 3.1.7 does where each option changes (test/parts/bgp/impact.test.ts). An option that is
// in none of these lists resets: so does nearly every one, and to say it in vain is better than not to say it.
const NOTHING = ['description', 'bfd', 'debug', 'check link', 'authentication md5']
const CHANNEL_NOTHING = ['import limit', 'receive limit', 'export limit', 'gateway direct', 'mandatory']
const CHANNEL_RELOADS = ['import', 'export', 'next hop', 'preference', 'cost', 'aigp', 'rpki reload']
const TABLES = ['import table', 'export table']

const isReloaded = (one: Statement): boolean =>
  startsWith(one, CHANNEL_RELOADS) && !startsWith(one, TABLES) && !startsWith(one, CHANNEL_NOTHING)

const isChannel = ([first = '']: Statement): boolean => /^(ipv[46]|vpn[46]|flow[46])/.test(first)

const startsWith = (statement: Statement, keys: readonly string[]): boolean =>
  keys.some((key) => `${statement.join(' ')} `.startsWith(`${key} `))

/** Words of one statement, and of every define, filter and function that it names, and that those name. */
function expand(statement: Statement, symbols: Named): string {
  const used = new Set<string>()
  const visit = (words: Statement): void => {
    for (const word of words) {
      const symbol = symbols.get(word)
      if (symbol === undefined || used.has(word)) continue
      used.add(word)
      visit(symbol)
    }
  }
  visit(statement)
  return [statement, ...[...used].sort().map((name) => symbols.get(name) ?? [])].map((one) => one.join(' ')).join('\n')
}
