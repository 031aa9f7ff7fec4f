// What orion once made on a router and the site file no longer asks of it: it works on as it did, and no other set tells of it.
import type { Difference } from '../../resource.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { BIRD_FILES } from '../bgp/bird-names.ts'
import { EDGE_FILE } from '../bgp/edge.ts'
import { GOBGP_FILES } from '../bgp/gobgp.ts'
import { FIREWALL_FILE } from './firewall.ts'
import type { Router } from './router.ts'
import { hasValidator, VALIDATOR_FILE } from './rpki.ts'
import { SERVICES_FILE } from './services.ts'

interface Topic {
  readonly title: string
  /** A file of it that is there as long as it is; Debian may have one of its own there. */
  readonly path: string
  /** Where the site file says it. */
  readonly key: string
  isWanted(site: Site, router: Router): boolean
  /** What ends it, as root; then its file goes. */
  readonly end: string
  readonly beware?: string
}

const speaks = ({ bgp }: Site, { guest }: Router): boolean => bgp?.router === guest.name

const TOPICS: readonly Topic[] = [
  {
    title: 'firewall',
    path: FIREWALL_FILE,
    key: 'firewall',
    isWanted: ({ firewall }, { guest }) => firewall?.router === guest.name,
    end: 'systemctl disable --now orion-firewall; nft delete table inet orion',
    beware: ' (then nothing filters)',
  },
  {
    title: 'BIRD',
    path: BIRD_FILES.conf,
    key: 'bgp',
    isWanted: speaks,
    end: 'systemctl disable --now bird',
    beware: ' (then nothing is announced)',
  },
  {
    title: 'GoBGP',
    path: GOBGP_FILES.unit,
    key: 'bgp',
    isWanted: speaks,
    end: `systemctl disable --now orion-gobgp; rm -f ${EDGE_FILE}`,
    beware: ' (then nothing is announced)',
  },
  {
    title: 'RPKI validator',
    path: VALIDATOR_FILE,
    key: 'bgp.rpki',
    isWanted: hasValidator,
    end: 'systemctl disable --now stayrtr rpki-client.timer',
  },
  {
    title: 'DHCP and DNS',
    path: SERVICES_FILE,
    key: 'networks.*.router',
    isWanted: (_, { serves }) => serves.length > 0,
    end: 'systemctl disable --now dnsmasq',
  },
]

const unwanted = (site: Site, router: Router) => TOPICS.filter((topic) => !topic.isWanted(site, router))

export function leftFacts(site: Site, router: Router): Facts {
  return { files: unwanted(site, router).map(({ path }) => path) }
}

/** A row for each, which waits for the operator: a router is not opened, nor the world told less, by a line that is missing. Pure. */
export function leftRows(site: Site, router: Router, seen: HostFacts): readonly Difference[] {
  const left = unwanted(site, router).filter(({ path }) => /Made by orion/.test(seen.files.get(path)?.text ?? ''))
  return left.map(({ title, path, key, end, beware = '' }) => ({
    field: title,
    have: 'still there',
    want: 'gone',
    waits: 'operator',
    hint: `put ${key} back into the site file, or on ${router.guest.name}, as root: ${end}; rm ${path}${beware}`,
  }))
}
