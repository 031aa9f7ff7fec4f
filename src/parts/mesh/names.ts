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

/** `one~other` in either order. Errors: E_USAGE. */
export function linkNamed(site: Site, id: string): Link {
  const found = linkOf(site, id)
  if (found !== undefined) return found
  throw noSuch(
    site,
    'link',
    id,
    getMesh(site).links.map((link) => link.id),
  )
}

/** E_USAGE: nothing of this kind has this name. */
export function noSuch(site: Site, kind: 'gateway' | 'link', name: string, known: readonly string[]): OrionError {
  const hint =
    known.length === 0 ? 'the site file has no mesh' : `${kind}s are named ${known.slice(0, MOST_KNOWN).join(', ')}`
  return new OrionError(`${site.name} has no ${kind} named ${name}${didYouMean(name, known)}`, {
    code: 'E_USAGE',
    suggestions: [hint],
  })
}
