// Names for people: a gateway or a link by the one that was typed (where it is none, an error with the nearest), and lists of them.
import { OrionError } from '../../errors.ts'
import { didYouMean } from '../../site/nearest.ts'
import type { Site } from '../../site/site.ts'
import { type Gateway, gatewayOf, getMesh, type Link, linkOf } from './model.ts'

/** So many names stand in a hint. */
const MOST_KNOWN = 8
/** So many names stand in a line, and how many more there are. */
const MOST_NAMES = 6

/** `a, b, c and 4 more`. Pure. */
export function listOf(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES
  return rest > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} more` : names.join(', ')
}

/** Errors: E_USAGE. */
export function gatewayNamed(site: Site, name: string): Gateway {
  const found = gatewayOf(site, name)
  if (found !== undefined) return found
  throw noSuch(
    site,
    'gateway',
    name,
    getMesh(site).gateways.map((one) => one.name),
  )
}

/** `one~other` in either order. `words`: what may be said instead of a link. Errors: E_USAGE. */
export function linkNamed(site: Site, id: string, words: readonly string[] = []): Link {
  const found = linkOf(site, id)
  if (found !== undefined) return found
  const links = getMesh(site).links.map((link) => link.id)
  throw noSuch(site, 'link', id, links, words)
}

/** E_USAGE: nothing of this kind has this name, and it is none of the words that may stand there. */
export function noSuch(
  site: Site,
  kind: 'gateway' | 'link',
  name: string,
  known: readonly string[],
  words: readonly string[] = [],
): OrionError {
  const names = [known.slice(0, MOST_KNOWN).join(', '), ...words].join(', or ')
  const hint = known.length === 0 ? 'the site file has no mesh' : `${kind}s are named ${names}`
  return new OrionError(`${site.name} has no ${kind} named ${name}${didYouMean(name, [...known, ...words])}`, {
    code: 'E_USAGE',
    suggestions: [hint],
  })
}
