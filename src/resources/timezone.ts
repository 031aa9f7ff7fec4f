// The time zone of a host. Nothing that it changes can cut anybody off, so it goes without the guard.
import type { ReadWish, Seen } from '../host/host.ts'
import type { Resource } from '../resource.ts'
import { type Facts, readFacts, refuseFacts } from './host-facts.ts'
import { inTurn } from './host-turn.ts'

const LINK = '/etc/localtime'
const ZONES = '/usr/share/zoneinfo/'

export interface TimezoneOptions {
  readonly host: string
  /** As in the tz database: `America/Vancouver`. */
  readonly zone: string
  readonly wish: ReadWish
}

export function timezoneFacts(zone: string): Facts {
  return { files: [LINK], commands: { zone: ['test', '-e', `${ZONES}${zone}`] } }
}

/** Errors: E_HOST_FACTS for a zone that the host does not know. */
export function timezone({ host: name, zone, wish }: TimezoneOptions): Resource<Seen> {
  const set = async (outside: Parameters<Resource['create']>[0]) => {
    const host = await outside.host(name)
    await inTurn(host, () => host.run(['timedatectl', 'set-timezone', zone]))
    host.forget()
  }
  return {
    id: `timezone:${name}/timezone`,
    title: `time zone of ${name}`,
    needs: [],
    brief: zone,
    observe: async (outside) => {
      const seen = await readFacts(await outside.host(name), wish)
      const hint = `the host knows no time zone ${zone} (old names are in the package tzdata-legacy)`
      refuseFacts(name, `time zone of ${name}`, seen.commands.get('zone')?.code === 0 ? [] : [hint])
      return seen
    },
    diff: (have) => {
      const now = have === undefined ? undefined : zoneOf(have)
      return now === zone ? [] : [{ field: 'zone', ...(now === undefined ? {} : { have: now }), want: zone }]
    },
    create: set,
    update: set,
    remove: () => Promise.resolve(), // A host without a time zone is none.
  }
}

/** UTC is what a host without the link has (localtime(5)). */
function zoneOf(seen: Seen): string {
  const found = seen.files.get(LINK)
  if (found === undefined) return 'UTC'
  const [, zone] = found.text.split('/zoneinfo/')
  return found.kind === 'link' && zone !== undefined ? zone : 'a copy of some zone'
}
