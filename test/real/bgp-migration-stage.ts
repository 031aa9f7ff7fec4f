// A border router with systemd, BIRD and GoBGP of Debian 13, and the upstream that watches its route ten times a second.
import { readFileSync } from 'node:fs'
import { connectHost } from '../../src/host/connect.ts'
import { bird } from '../../src/parts/bgp/bird.ts'
import { migrationOn } from '../../src/parts/bgp/migration.ts'
import { routerWish } from '../../src/parts/router/facts.ts'
import type { Outside } from '../../src/resource.ts'
import { fileSet } from '../../src/resources/file-set.ts'
import type { Bgp } from '../../src/site/services.ts'
import { daemons } from '../daemons/daemons.ts'
import { makeRig, type Space } from '../daemons/rig.ts'
import { within } from '../hosts/inside.ts'
import { HUB } from '../hosts/network.ts'
import { startHost, type TestHost } from '../hosts/nspawn.ts'
import { bgpSite, routerIn, testPeer } from '../parts/bgp/bird-site.ts'
import { PASSWORD, type Party, worldConf } from './bgp-world.ts'

const OWN = '2602:f674::/48'
const LIMIT_MS = 60_000
const UPSTREAM = testPeer({ address: '2620:fe::1', password: { env: 'UPSTREAM' } })
const IX = testPeer({ name: 'ix-4', asn: 13335, address: '198.18.7.1', relation: 'peer' })
const SITE = bgpSite({ rpki: undefined as never, peers: [UPSTREAM, IX] })

const route = (prefix: string, path: readonly number[]) => ({ prefix, path }) as Party['routes'][number]
/** Three routes of theirs are good, and three are not. */
const PARTIES: readonly Party[] = [
  {
    peer: UPSTREAM,
    routes: [
      route('2a00:1450::/32', [6939, 15169]),
      route('2606:4700::/32', [6939, 13335]),
      route('2001:db8::/32', [6939]),
      route('2606:4700:1::/48', [6939, 64512]),
    ],
  },
  { peer: IX, routes: [route('1.1.1.0/24', [13335]), route('10.1.0.0/16', [13335])] },
]

export interface Samples {
  readonly samples: number
  /** How often our route was not there. */
  readonly lost: number
}

export interface Stage {
  readonly machine: TestHost
  /** Everything that the steps said while they worked. */
  readonly notes: string[]
  /** A move over a connection of its own, as each run of orion has one. */
  migration(
    to: Bgp['daemon'],
    options?: { readonly watchSeconds?: number; readonly confirmWithinSeconds?: number },
  ): Move
  /** Watches the upstream's table while `work` goes on, and for `least` samples at least. */
  watched(work: () => Promise<unknown>, least: number): Promise<Samples>
  /** Waits until the upstream has our route. */
  isThere(): Promise<void>
  close(): Promise<void>
}
type Move = ReturnType<typeof migrationOn>

/** The router's own interfaces are cloud-init's work: here they are there already. */
const interfaces = (address: string): string => `auto lo
iface lo inet loopback

auto eno1
iface eno1 inet static
\taddress ${address}/16

auto eno2
iface eno2 inet static
\taddress 192.168.100.1/24
iface eno2 inet6 static
\taddress 2602:f674:0:1000::1/64

auto eno3
iface eno3 inet static
\taddress 198.18.7.2/24
iface eno3 inet6 static
\taddress 2620:fe::2/64
`
const MACS = ['aa:00:00:00:00:03', 'aa:00:00:00:00:02', 'aa:00:00:00:00:01']

export async function openStage(): Promise<Stage> {
  const rig = makeRig('move')
  const hosts: TestHost[] = []
  const connections: ReturnType<typeof connectHost>[] = []
  const close = async () => {
    await Promise.all(connections.map((one) => one.close()))
    for (const host of hosts) host.stop()
    await rig.close()
  }
  try {
    const machine = await startHost({ name: 'router', interfaces, macs: MACS })
    hosts.push(machine)
    // As Debian's package leaves it; test hosts have it switched off.
    await machine.must(['systemctl', 'enable', '--quiet', 'bird'])
    const upstream = rig.space('world')
    rig.cable(
      { space: { namespace: HUB }, name: 'world', bridge: 'wan' },
      { space: upstream, name: 'wan', addresses: ['2620:fe::1/64', '198.18.7.1/24'] },
    )
    const connect = () => {
      const host = connectHost({ ...placeOf(machine), signal: new AbortController().signal })
      connections.push(host)
      return { host, outside: outsideOf(host) }
    }
    const birdc = await startWorld(upstream)
    const set = bird(SITE, routerIn(SITE), routerWish(SITE, routerIn(SITE)))
    if (set === undefined) throw new Error('the site of the test has no BGP')
    await fileSet(set).create(connect().outside, () => undefined)
    const stage = makeStage({ machine, upstream, birdc, connect, close })
    await stage.isThere()
    return stage
  } catch (error) {
    await close()
    throw error
  }
}

async function startWorld(upstream: Space): Promise<readonly string[]> {
  const { bird: program, birdc } = await daemons('2.17')
  const ctl = `${upstream.folder}/ctl`
  const conf = upstream.write('bird.conf', worldConf(PARTIES))
  upstream.start([program, '-f', '-c', conf, '-s', ctl, '-P', `${upstream.folder}/pid`])
  return [birdc, '-s', ctl]
}

const ASK = ['show', 'route', OWN, 'table', 't_upstream', 'protocol', 'upstream']

interface Parts extends Pick<Stage, 'machine' | 'close'> {
  readonly upstream: Space
  readonly birdc: readonly string[]
  connect(): { readonly host: ReturnType<typeof connectHost>; readonly outside: Outside }
}

function makeStage({ machine, upstream, birdc, connect, close }: Parts): Stage {
  const notes: string[] = []
  return {
    machine,
    notes,
    close,
    isThere: () =>
      within(LIMIT_MS, 'our route at the upstream', async () =>
        (await upstream.run([...birdc, ...ASK])).stdout.includes(OWN),
      ),
    migration: (to, options = {}) => {
      const { host, outside } = connect()
      return migrationOn(host, SITE, outside, { to, watchSeconds: 60, note: (text) => notes.push(text), ...options })
    },
    watched: async (work, least) => {
      const file = upstream.write('samples', '')
      // A program of its own: it looks also while this one is busy.
      const loop = `while :; do "$@" | grep -c '^${OWN}' >>${file}; sleep 0.1; done`
      const sampler = upstream.start(['sh', '-c', loop, 'sampler', ...birdc, ...ASK])
      const rows = () => readFileSync(file, 'utf8').split('\n').filter(Boolean)
      try {
        await work()
        await within(LIMIT_MS, 'samples', async () => rows().length >= least)
      } finally {
        await sampler.stop()
      }
      return { samples: rows().length, lost: rows().filter((row) => row === '0').length }
    },
  }
}

const placeOf = (at: TestHost) => ({
  name: 'router',
  addresses: [at.address],
  identityFile: at.identityFile,
  knownHosts: [at.knownHosts],
  proxyCommand: at.proxyCommand,
  config: '',
  agent: '',
  by: 'me@here (test)',
})

const outsideOf = (host: ReturnType<typeof connectHost>) =>
  ({ host: async () => host, secret: async () => PASSWORD, signal: new AbortController().signal }) as unknown as Outside
