// The router's own RPKI validator: rpki-client fetches and validates, stayrtr hands the result to BIRD over RTR (RFC 8210).
import { template } from '../../render.ts'
import type { Outside, Probe, ProbeResult } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said, wishOf } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { debianRelease, type Router } from './router.ts'
import { activateUnits, unitDrift, unitFacts } from './unit.ts'

/** There as long as the validator is. */
export const VALIDATOR_FILE = '/etc/systemd/system/stayrtr.service.d/orion.conf'

const CLIENT_UNIT = '/etc/systemd/system/rpki-client.service.d/orion.conf'
const ARIN = '/etc/tals/arin.tal'
const JSON_FILE = '/var/lib/rpki-client/json'

const LOCAL = { name: 'local', address: '::1', port: 8282 } as const
const STANDING = ['rpki-client.timer', 'stayrtr.service'] as const
const ONCE = 'rpki-client.service'

/** stayrtr throws the result away after a day; both releases of Debian validate every hour at least. */
const OLD_SECONDS = 4 * 3600

const clientUnit = template<object>('router/rpki-client-unit')
const stayrtrUnit = template<{ readonly bind: string; readonly cache: string }>('router/stayrtr-unit')
const arin = template<object>('router/arin-tal')

// The head of the file has its metadata; the rest of its 80 MB nobody needs to see.
const VALIDATED = `echo $(($(date +%s) - $(stat -c %Y "$1"))) && head -c 2000 "$1"`
const VALIDATED_FACTS: Facts = { commands: { validated: ['sh', '-c', VALIDATED, 'orion-validated', JSON_FILE] } }

/** A cache of validated ROA payloads, as BIRD is told of it. */
export interface Cache {
  readonly name: string
  readonly address: string
  readonly port: number
}

/** Where BIRD gets validated ROAs from: the router's own validator first, then those of the site file. */
export function getCaches({ bgp }: Site): readonly Cache[] {
  const named = (bgp?.rpki?.caches ?? []).map((cache, at) => ({ name: `cache${at + 1}`, ...cache }))
  return [...(bgp?.rpki?.local ? [LOCAL] : []), ...named]
}

export function rpkiFacts(site: Site, router: Router): Facts {
  if (!hasValidator(site, router)) return {}
  return wishOf([{ files: [CLIENT_UNIT, VALIDATOR_FILE, ARIN] }, unitFacts([...STANDING, ONCE]), VALIDATED_FACTS])
}

/**
 * undefined where BGP has no validator of its own on this router. Before the packages: their installation starts both, with these
 * files or with Debian's own, by which it waits for a whole validation and stayrtr answers everybody.
 */
export function rpki(site: Site, router: Router, wish: FileSet['wish']): FileSet | undefined {
  if (!hasValidator(site, router)) return undefined
  return {
    host: router.guest.name,
    name: 'rpki',
    title: `RPKI validator of ${router.guest.name}`,
    wish,
    owned: true,
    files: (seen) => [
      { path: CLIENT_UNIT, text: clientUnit({}) },
      { path: VALIDATOR_FILE, text: stayrtrUnit({ bind: `[${LOCAL.address}]:${LOCAL.port}`, cache: JSON_FILE }) },
      // Debian 12 has the trust anchors of all registries but this one; Debian 13 has all five.
      ...(debianRelease(seen) === 'bookworm' ? [{ path: ARIN, text: arin({}) }] : []),
    ],
    drift: (seen) => unitDrift(seen, STANDING),
    activate: (before) => activateUnits(before, VALIDATOR_FILE, [...STANDING, ONCE]),
  }
}

export function hasValidator({ bgp }: Site, { guest }: Router): boolean {
  return bgp?.router === guest.name && bgp.rpki?.local === true
}

/** What the validator last brought; undefined where it has not brought anything yet. */
interface Validated {
  readonly ageSeconds: number
  /** Validated ROA payloads. */
  readonly payloads: number
}

// Of VALIDATED_FACTS.
function getValidated(seen: HostFacts): Validated | undefined {
  const text = said(seen, 'validated') ?? ''
  const age = /^\d+$/m.exec(text)?.[0]
  const payloads = /"vrps":\s*(\d+)/.exec(text)?.[1]
  if (age === undefined || payloads === undefined) return undefined
  return { ageSeconds: Number(age), payloads: Number(payloads) }
}

/** Whether its first result is there. Pure, with rpkiFacts. */
export function hasValidated(seen: HostFacts): boolean {
  return getValidated(seen) !== undefined
}

export function rpkiProbes(site: Site, router: Router): readonly Probe[] {
  if (!hasValidator(site, router)) return []
  const { name } = router.guest
  const run = async (outside: Outside) => {
    const host = await outside.host(name)
    return judge(getValidated(await host.read(wishOf([VALIDATED_FACTS]))))
  }
  return [{ id: `rpki:${name}`, title: `RPKI validator of ${name}`, run }]
}

function judge(validated: Validated | undefined): ProbeResult {
  const expected = 'validated routes, not older than 4 h'
  const hint = 'on the router: journalctl -u rpki-client'
  if (validated === undefined) return { state: 'warning', expected, seen: 'none yet', hint }
  const seen = `${validated.payloads} of ${Math.round(validated.ageSeconds / 60)} min ago`
  if (validated.payloads === 0) return { state: 'failed', expected, seen, hint }
  return validated.ageSeconds > OLD_SECONDS
    ? { state: 'warning', expected, seen, hint }
    : { state: 'ok', expected, seen }
}
