// A file of nftables, read as strictly as a router's rules are worth it: blocks, statements, and the names that they use.
import { blocksOf, IN_TABLE, type Statement, wrong } from './nft-blocks.ts'

/** What a statement of a chain or a set may begin with. */
const IN_CHAIN = new Set(
  'type policy ip ip6 icmp icmpv6 tcp udp th meta iifname oifname iif oif ct fib limit counter log drop accept reject return jump goto masquerade dnat snat redirect update add ether notrack mark comment rt'.split(
    ' ',
  ),
)
const IN_SET = new Set([
  'type',
  'typeof',
  'flags',
  'elements',
  'size',
  'timeout',
  'policy',
  'counter',
  'auto-merge',
  'comment',
])

type Tables = Record<string, string>

/** Rules of the operator's own, which no simulated host has: a pattern that no file matches is nothing to nft. */
const OWN_FILES = /^\s*include "[^"\n]*\*[^"\n]*"$/gm

/** The tables that a file leaves in force, as they are listed, or what nft says of it. */
export function readRules(
  path: string,
  text: string,
  before: Tables,
): { readonly tables: Tables } | { readonly wrong: string } {
  try {
    const tables = { ...before }
    for (const command of blocksOf(text.replace(OWN_FILES, ''))) execute(tables, command)
    return { tables }
  } catch (error) {
    if (error instanceof Error && typeof error.cause === 'number')
      return { wrong: `${path}:${error.cause}:1-1: Error: ${error.message}` }
    throw error
  }
}

function execute(tables: Tables, { words, line, inside }: Statement): void {
  const [verb = '', ...rest] = words
  const name = (verb === 'table' ? rest : rest.slice(1)).join(' ')
  if (verb === 'flush' && rest[0] === 'ruleset') for (const one of Object.keys(tables)) delete tables[one]
  else if (verb === 'table' && /^(ip|ip6|inet|arp|bridge|netdev) \w+$/.test(name)) {
    if (inside) checkTable(inside)
    tables[name] = inside ? listed(name, inside) : (tables[name] ?? listed(name, []))
  } else if (['delete', 'destroy', 'add', 'flush'].includes(verb) && rest[0] === 'table') {
    if (verb === 'delete' && !Object.hasOwn(tables, name)) throw wrong(line, 'No such file or directory')
    if (verb === 'add') tables[name] ??= listed(name, [])
    else delete tables[name]
  } else throw wrong(line, `syntax error, unexpected ${verb || 'end of file'}`)
}

function checkTable(inside: readonly Statement[]): void {
  const named = (kind: string) =>
    new Set(inside.filter(({ words }) => words[0] === kind).map(({ words }) => words[1] ?? ''))
  const known = { chain: named('chain'), set: new Set([...named('set'), ...named('map')]), counter: named('counter') }
  for (const { words, line, inside: lines } of inside) {
    const [kind = ''] = words
    if (!IN_TABLE.has(kind) || !lines || words.length !== 2) throw wrong(line, `syntax error, unexpected ${kind}`)
    for (const one of lines) checkStatement(kind, one, known)
  }
}

type Known = Readonly<Record<'chain' | 'set' | 'counter', ReadonlySet<string>>>

function checkStatement(kind: string, { words, line, inside }: Statement, known: Known): void {
  const [first = ''] = words
  if (inside || (kind === 'chain' && !IN_CHAIN.has(first)) || (kind === 'set' && !IN_SET.has(first)))
    throw wrong(line, `syntax error, unexpected ${first}`)
  const text = words.join(' ')
  const uses: [RegExp, ReadonlySet<string>, string][] = [
    [
      /(?:^|[\s:])(?:jump|goto) ([\w-]+)/g,
      known.chain,
      'No such file or directory; did you mean a chain of this table',
    ],
    [/@(\w+)/g, known.set, 'No such file or directory; the set is not in this table'],
    [/counter name "?(\w+)"?/g, known.counter, 'No such file or directory; the counter is not in this table'],
  ]
  for (const [pattern, names, message] of uses)
    for (const [, name = ''] of text.matchAll(pattern)) if (!names.has(name)) throw wrong(line, `${message}: ${name}`)
  if (kind === 'chain' && first === 'type' && !/^type (filter|nat|route) hook \w+ priority /.test(text))
    throw wrong(line, 'syntax error, unexpected newline, expecting hook')
  const long = /[io]ifname "([^"]{16,})"/.exec(text)?.[1]
  if (long !== undefined) throw wrong(line, `String exceeds maximum length of 15: ${long}`)
}

/** As `nft list` prints a table, near enough to compare two of them. */
function listed(name: string, inside: readonly Statement[]): string {
  const blocks = inside.map(({ words, inside: lines = [] }) => {
    const body = lines.map((one) => `\t\t${one.words.join(' ')}\n`).join('')
    return `\t${words.join(' ')} {\n${body}\t}\n`
  })
  return `table ${name} {\n${blocks.join('\n')}}\n`
}
