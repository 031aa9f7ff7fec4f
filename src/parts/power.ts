// Starting and stopping single guests of a site, as a part of its own: the same plan, lock and report as everything else.
import { OrionError } from '../errors.ts'
import type { Part } from '../resource.ts'
import { type Power, power } from '../resources/power.ts'
import type { Guest, Site } from '../site/site.ts'

/** The guests of these names, running or stopped. Errors of `resources`: E_USAGE for a name that the site does not have. */
export function powerOf(names: readonly string[], want: Power): Part {
  return {
    name: 'power',
    resources: (site) => names.map((name) => power(site, getGuest(site, name), want)),
    probes: () => [],
  }
}

/** The guest of this name. Errors: E_USAGE, with some names that exist. */
export function getGuest(site: Site, name: string): Guest {
  const guest = site.guests.find((one) => one.name === name)
  if (guest) return guest
  const members = site.guests.filter(({ group }) => group === name).map((one) => one.name)
  const names = members.length > 0 ? members : site.guests.slice(0, 8).map((one) => one.name)
  throw new OrionError(`${site.name} has no guest named ${name}`, {
    code: 'E_USAGE',
    suggestions: [`guests are named ${names.join(', ')}`],
  })
}
