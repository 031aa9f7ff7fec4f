// The twin of a border router: real BIRDs in two namespaces. One runs what orion renders, the other plays the rest of the world.
import { chmodSync } from 'node:fs'
import { basename } from 'node:path'
import { bird } from '../../src/parts/bgp/bird.ts'
import { protocolOf } from '../../src/parts/bgp/bird-names.ts'
import { DRAIN_FILE } from '../../src/parts/bgp/drain.ts'
import { symbolOf } from '../../src/parts/bgp/symbol.ts'
import type { Bgp } from '../../src/site/services.ts'
import type { Site } from '../../src/site/site.ts'
import { type BirdVersion, type Daemons, daemons } from '../daemons/daemons.ts'
import { type Daemon, makeRig, type Rig, type Space } from '../daemons/rig.ts'
import { within } from '../hosts/inside.ts'
import { bgpSite, routerIn, withBird } from '../parts/bgp/bird-site.ts'
import { ROAS } from './bgp-routes.ts'
import { PASSWORD, type Party, parseRoutes, type Table, worldConf } from './bgp-world.ts'

const LIMIT_MS = 30_000

export interface Twin {
  readonly router: Space
  readonly world: Space
  /** Puts the site's rendering in force, as `configure` does, and returns what BIRD said. */
  render(bgp: Partial<Bgp>, drained?: readonly string[]): Promise<string>
  /** Puts the other ends in force. */
  play(parties: readonly Party[]): Promise<void>
  /** What the router's birdc says. */
  ask(...words: string[]): Promise<string>
  /** What a party received of us. */
  receivedBy(peer: string): Promise<Table>
  taken(peer: string): Promise<Table>
  refused(peer: string): Promise<Table>
  /** From now on these; at the start ROAS. */
  validate(roas: readonly unknown[]): void
  until(what: string, isSo: () => Promise<boolean>): Promise<void>
  close(): Promise<void>
}

/** Cables by their name: what the world has at its end, and what the router has. */
const CABLES: Readonly<Record<string, { readonly world: readonly string[]; readonly router: readonly string[] }>> = {
  wan: { world: ['2620:fe::1/64', '198.18.7.1/24'], router: ['2620:fe::2/64', '198.18.7.2/24'] },
  lan: {
    world: ['2602:f674:0:1000::2/64'],
    router: ['2602:f674:0:1000::1/64', '192.168.100.1/24', '23.128.10.1/32'],
  },
  ix: { world: ['2620:fe:1::1/64'], router: ['2620:fe:1::2/64'] },
  rs: { world: ['2620:fe:3::1/64'], router: ['2620:fe:3::2/64'] },
  shop: { world: ['2620:fe:2::1/64'], router: ['2620:fe:2::2/64'] },
}

/** Starts both ends with nothing to say yet. Name: one word, unique in this process. */
export async function makeTwin(name: string, version: BirdVersion): Promise<Twin> {
  const [ours, theirs] = await Promise.all([daemons(version), daemons('2.17')])
  const rig = makeRig(name)
  try {
    return await build(rig, { version, ours, theirs })
  } catch (error) {
    await rig.close()
    throw error
  }
}

interface Programs {
  readonly version: BirdVersion
  readonly ours: Daemons
  readonly theirs: Daemons
}

async function build(rig: Rig, { version, ours, theirs }: Programs): Promise<Twin> {
  const [router, world] = [rig.space('router'), rig.space('world')]
  for (const [name, ends] of Object.entries(CABLES))
    rig.cable({ space: router, name, addresses: ends.router }, { space: world, name, addresses: ends.world })
  const roas = writeRoas(router, ROAS)
  const cache = router.start([
    ours.stayrtr,
    '-bind',
    '[::1]:8282',
    '-cache',
    roas,
    '-checktime=false',
    // It reads the file every second: a SIGHUP right after its start, before it listens to signals, would end it.
    '-refresh',
    '1',
  ])
  const client = (space: Space, birdc: string) => async (words: readonly string[]) =>
    (await space.run([birdc, '-s', `${space.folder}/ctl`, ...words])).stdout
  const [askRouter, askWorld] = [client(router, ours.birdc), client(world, theirs.birdc)]
  const far = startBird(world, theirs.bird, worldConf([]))
  let near: Daemon | undefined
  const until: Twin['until'] = (what, isSo) =>
    within(LIMIT_MS, what, isSo).catch((error: unknown) => {
      throw new Error(`${String(error)}\nrouter: ${near?.text()}\nworld: ${far.text()}\ncache: ${cache.text()}`)
    })
  await until('the RTR cache', async () => (await router.run(['ss', '-Hltn', 'sport = :8282'])).stdout !== '')
  await until('the world', async () => (await askWorld(['show', 'status'])).includes('up and running'))
  return {
    router,
    world,
    until,
    render: async (bgp, drained = []) => {
      place(router, bgpSite(bgp), version, drained)
      if (near) return askRouter(['configure'])
      near = startBird(router, ours.bird)
      await until('our BIRD', async () => (await askRouter(['show', 'status'])).includes('up and running'))
      return near.text()
    },
    play: async (parties) => {
      world.write('bird.conf', worldConf(parties))
      const said = await askWorld(['configure'])
      if (!/Reconfig/.test(said)) throw new Error(said)
    },
    ask: (...words) => askRouter(words),
    receivedBy: async (peer) =>
      parseRoutes(await askWorld(['show', 'route', 'all', 'protocol', symbolOf(peer), 'table', `t_${symbolOf(peer)}`])),
    taken: async (peer) => parseRoutes(await askRouter(['show', 'route', 'all', 'protocol', protocolOf(peer)])),
    refused: async (peer) =>
      parseRoutes(await askRouter(['show', 'route', 'filtered', 'all', 'protocol', protocolOf(peer)])),
    validate: (rows) => void writeRoas(router, rows),
    close: () => rig.close(),
  }
}

function startBird(space: Space, bird: string, text?: string): Daemon {
  if (text !== undefined) space.write('bird.conf', text)
  return space.start([
    bird,
    '-f',
    '-c',
    `${space.folder}/bird.conf`,
    '-s',
    `${space.folder}/ctl`,
    '-P',
    `${space.folder}/pid`,
  ])
}

const writeRoas = (space: Space, roas: readonly unknown[]): string =>
  space.write('roas.json', JSON.stringify({ metadata: { counts: roas.length }, roas }))

/** The rendered files, in a folder of the test's instead of /etc/bird; logs go where the test sees them. */
function place(space: Space, site: Site, version: BirdVersion, drained: readonly string[]): void {
  const full = { '2.0.12': '2.0.12', '2.17': '2.17.5', '3.1': '3.1.7' }[version]
  const set = bird(site, routerIn(site), {})
  const names = site.bgp?.peers.map(({ name }) => name) ?? []
  const drain = names.map((name) => `define DRAIN_${symbolOf(name)} = ${drained.includes(name) ? 1 : 0};\n`).join('')
  const there = { kind: 'file', text: drain, mode: 0o644, owner: 'root', group: 'root' } as const
  const seen = { ...withBird(full), files: new Map([[DRAIN_FILE, there]]) }
  const secrets = new Map(names.map((name) => [name, PASSWORD]))
  for (const { path, text = '', mode = 0o644 } of set?.files({ ...seen, secrets }) ?? []) {
    const own = text.replaceAll('/etc/bird/', `${space.folder}/`).replace('log syslog all', 'log stderr all')
    chmodSync(space.write(basename(path), own), mode)
  }
}
