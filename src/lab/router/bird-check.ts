// What BIRD's parser knows beyond the form: names, and what a BGP session must have.
import type { Token } from './bird-tokens.ts'
import { BIRD_WORDS } from './bird-words.ts'

const DEFINES = new Set(['define', 'filter', 'function'])
const TABLES = new Set(['roa4', 'roa6', 'ipv4', 'ipv6'])
const TYPES = new Set('int bool ip prefix pair quad ec lc string bgppath bgpmask clist eclist lclist rd'.split(' '))

/** A word is BIRD's own, or defined further up, and once. Errors: as BIRD says it. */
export function checkNames(tokens: readonly Token[]): void {
  const known = new Set<string>()
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' || BIRD_WORDS.has(token.text)) continue
    const [before, second] = [tokens[index - 1]?.text ?? '', tokens[index - 2]?.text ?? '']
    // `fe80::1%'wg-a'`: an interface, which is no name of the configuration.
    if (before === '%') continue
    const isTable = before === 'table' && TABLES.has(second)
    const isNamed = ['protocol', 'template', 'attribute'].includes(second)
    const isFilter = DEFINES.has(before) && !(before === 'filter' && isUse(second))
    if (isFilter && known.has(token.text)) throw new Error(`${token.at} Symbol '${token.text}' already defined`)
    if (isFilter || TYPES.has(before) || isTable || isNamed) known.add(token.text)
    else if (!known.has(token.text))
      throw new Error(`${token.at} syntax error, unexpected CF_SYM_UNDEFINED (${token.text})`)
  }
}

/** `import filter NAME` uses what `filter NAME` defines. */
const isUse = (word: string): boolean => word === 'import' || word === 'export'

/** What BIRD wants of a session, and what RFC 8212 wants of one with another network. */
export function checkBgp(at: string, statements: readonly string[], defines: ReadonlyMap<string, string>): void {
  const [local, neighbor] = [asnIn(statements, 'local', defines), asnIn(statements, 'neighbor', defines)]
  if (local === undefined) throw new Error(`${at} Local AS number must be set`)
  if (neighbor === undefined) throw new Error(`${at} Neighbor must be configured`)
  const isInternal = local === neighbor
  if (isInternal && statements.some((one) => /^(local role|enforce first as)/.test(one)))
    throw new Error(`${at} Local role cannot be set on IBGP sessions`)
  const channels = isInternal ? [] : statements.filter((one) => /^ipv[46]$/.test(one))
  for (const direction of ['import', 'export'])
    for (const channel of channels)
      if (!statements.some((one) => new RegExp(`^${channel} ${direction} (filter|where|all|none)`).test(one)))
        throw new Error(`${at} EBGP requires explicit ${direction} policy`)
}

/** The AS number behind `local … as` or `neighbor … as`. */
export function asnIn(
  statements: readonly string[],
  word: 'local' | 'neighbor',
  defines: ReadonlyMap<string, string>,
): string | undefined {
  const found = statements
    .map((one) => new RegExp(`^${word} (?:.* )?as (\\w+)$`).exec(one)?.[1])
    .find((one) => one !== undefined)
  return found === undefined ? undefined : (defines.get(found) ?? found)
}
