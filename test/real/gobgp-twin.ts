// The twin of a router with GoBGP at the edge: the files that orion renders, its program orion-edge, BIRD behind it, and a world of BIRD.
import { chmodSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { getBirdConf } from '../../src/parts/bgp/bird.ts'
import { passwordsOf } from '../../src/parts/bgp/bird-secrets.ts'
import { DRAIN_FILE, setDrain } from '../../src/parts/bgp/drain.ts'
import { GOBGP_FILES, gobgp } from '../../src/parts/bgp/gobgp.ts'
import { gobgpRouteFacts } from '../../src/parts/bgp/gobgp-routes.ts'
import { gobgpStateFacts } from '../../src/parts/bgp/gobgp-state.ts'
import { symbolOf } from '../../src/parts/bgp/symbol.ts'
import { type HostFacts, wishOf } from '../../src/resources/host-facts.ts'
import type { Bgp } from '../../src/site/services.ts'
import { type Daemons, daemons } from '../daemons/daemons.ts'
import { type Daemon, makeRig, type Rig, type Space } from '../daemons/rig.ts'
import { type Ran, within } from '../hosts/inside.ts'
import { bgpOf, bgpSite, routerIn } from '../parts/bgp/bird-site.ts'
import { ROAS } from './bgp-routes.ts'
import { PASSWORD, type Party, parseRoutes, type Table, worldConf } from './bgp-world.ts'

const LIMIT_MS = 40_000
const FULL = { '2.0.12': '2.0.12', '2.17': '2.17.5' } as const
export type Beside = keyof typeof FULL

/** A path of `gobgp -j`: its attributes by their type numbers (RFC 4271, 1997, 8092). */
interface Path {
  readonly 'neighbor-ip'?: string
  readonly attrs: readonly { readonly type: number; readonly value: unknown }[]
}

interface Spoilt {
  readonly drained?: readonly string[]
  readonly spoil?: (text: string) => string
}

export interface GobgpTwin {
  readonly router: Space
  readonly world: Space
  /** Puts the site's rendering in force, as the guard does: files, then orion-edge. `spoil`: of the text of the TOML file. */
  render(bgp: Partial<Bgp>, more?: Spoilt): Promise<Ran>
  /** What the timer does. */
  revalidate(): Promise<Ran>
  play(parties: readonly Party[]): Promise<void>
  /** From now on these; at the start ROAS. */
  validate(roas: readonly unknown[]): void
  gobgp(...words: string[]): Promise<string>
  /** What GoBGP wrote. */
  log(): string
  /** What orion reads of the router. */
  look(bgp: Partial<Bgp>): Promise<HostFacts>
  /** Prefixes that it has of a neighbor, each with its local preference. */
  taken(address: string): Promise<ReadonlyMap<string, number>>
  /** What a party received of us. */
  receivedBy(peer: string): Promise<Table>
  until(what: string, isSo: () => Promise<boolean>): Promise<void>
  close(): Promise<void>
}

/** Starts the world; GoBGP starts with the first rendering. Name: one word, unique in this process. */
export async function makeGobgpTwin(name: string, version: Beside): Promise<GobgpTwin> {
  const [ours, theirs] = await Promise.all([daemons(version), daemons('2.17')])
  const rig = makeRig(name)
  try {
    return await build(rig, { version, ours, theirs })
  } catch (error) {
    await rig.close()
    throw error
  }
}

const WORLD = ['2620:fe::1/64', '2620:fe:1::1/64', '2620:fe:2::1/64', '198.18.7.1/24', '2602:f674:0:1000::2/64']
const ROUTER = [
  ...WORLD.map((address) => address.replace(/[12]\//, (end) => (end === '1/' ? '2/' : '1/'))),
  '192.168.100.1/24',
  '23.128.10.1/32',
]

interface Programs {
  readonly version: Beside
  readonly ours: Daemons
  readonly theirs: Daemons
}

async function build(rig: Rig, programs: Programs): Promise<GobgpTwin> {
  const { ours, theirs } = programs
  const [router, world] = [rig.space('router'), rig.space('world')]
  rig.cable({ space: router, name: 'wan', addresses: ROUTER }, { space: world, name: 'wan', addresses: WORLD })
  const cache = router.start([
    ours.stayrtr,
    '-bind',
    '[::1]:8282',
    '-cache',
    writeRoas(router, ROAS),
    '-checktime=false',
    // It reads the file every second: a SIGHUP right after its start, before it listens to signals, would end it.
    '-refresh',
    '1',
  ])
  const far = startBird(world, theirs.bird, withIds(worldConf([])))
  const api = `unix://${router.folder}/api.sock`
  const gobgpSays = async (...words: string[]) => (await router.run([ours.gobgp, '--target', api, ...words])).stdout
  const askWorld = async (...words: string[]) =>
    (await world.run([theirs.birdc, '-s', `${world.folder}/ctl`, ...words])).stdout
  const edge = makeEdge(router, programs)
  const until: GobgpTwin['until'] = (what, isSo) =>
    within(LIMIT_MS, what, isSo).catch(async (error: unknown) => {
      const texts = [edge.text().slice(-3000), far.text().slice(-1000), cache.text().slice(-500)]
      throw new Error([String(error), await gobgpSays('neighbor'), ...texts].join('\n'))
    })
  await until('the RTR cache', async () => (await router.run(['ss', '-Hltn', 'sport = :8282'])).stdout !== '')
  await until('the world', async () => (await askWorld('show', 'status')).includes('up and running'))
  return {
    router,
    world,
    until,
    render: edge.render,
    revalidate: edge.revalidate,
    gobgp: gobgpSays,
    log: edge.text,
    play: async (parties) => {
      world.write('bird.conf', withIds(worldConf(parties)))
      const said = await askWorld('configure')
      if (!/Reconfig/.test(said)) throw new Error(said)
    },
    validate: (rows) => void writeRoas(router, rows),
    look: (bgp) => look(router, ours, bgpOf(bgpSite(bgp))),
    taken: async (address) => takenOf(await gobgpSays('global', 'rib', '-a', familyOf(address), '-j'), address),
    receivedBy: async (peer) =>
      parseRoutes(await askWorld('show', 'route', 'all', 'protocol', symbolOf(peer), 'table', `t_${symbolOf(peer)}`)),
    close: () => rig.close(),
  }
}

const familyOf = (address: string): string => (address.includes(':') ? 'ipv6' : 'ipv4')

function takenOf(json: string, address: string): ReadonlyMap<string, number> {
  const table = JSON.parse(json || '{}') as Record<string, readonly Path[]>
  const rows = Object.entries(table).flatMap(([prefix, paths]) =>
    paths.filter((path) => path['neighbor-ip'] === address).map(({ attrs }) => [prefix, attrs] as const),
  )
  return new Map(rows.map(([prefix, attrs]) => [prefix, Number(attrs.find(({ type }) => type === 5)?.value)]))
}

/** GoBGP tells no route to a router that has the id of the one that it has the route of: each party gets its own. */
function withIds(conf: string): string {
  let number = 10
  return conf.replaceAll(/^protocol bgp \w+ \{$/gm, (line) => `${line}\n  router id 198.18.7.${number++};`)
}

function startBird(space: Space, bird: string, text: string): Daemon {
  const conf = space.write('bird.conf', text)
  return space.start([bird, '-f', '-c', conf, '-s', `${space.folder}/ctl`, '-P', `${space.folder}/pid`])
}

const writeRoas = (space: Space, roas: readonly unknown[]): string =>
  space.write('roas.json', JSON.stringify({ metadata: { counts: roas.length }, roas }))

/** Everything that the session probes read, as the router would say it. */
async function look(router: Space, { gobgp: program }: Daemons, bgp: Bgp): Promise<HostFacts> {
  const asked = Object.entries(wishOf([gobgpStateFacts(bgp), gobgpRouteFacts(bgp)]).commands ?? {}).map(
    async ([name, argv]) => {
      const path = `PATH=${dirname(program)}:/usr/bin:/bin`
      const real = argv.map((word) => word.replaceAll('/run/gobgp/api.sock', `${router.folder}/api.sock`))
      return [name, await router.run(['env', path, ...real])] as const
    },
  )
  return { files: new Map(), commands: new Map(await Promise.all(asked)) }
}

/** The router's files in a folder of the test's, with what systemd would do. */
function makeEdge(router: Space, { version, ours }: Programs) {
  let daemon: Daemon | undefined
  const local = (text: string) =>
    text
      .replaceAll('/etc/gobgp/', `${router.folder}/`)
      .replaceAll('/run/gobgp/', `${router.folder}/`)
      .replaceAll('/run/orion-edge/', `${router.folder}/`)
      .replaceAll('/etc/orion/', `${router.folder}/`)
      .replace(/^PATH=\S+/m, `PATH=${router.folder}:${dirname(ours.gobgp)}:/usr/sbin:/usr/bin:/sbin:/bin`)
  const place = async (bgp: Partial<Bgp>, drained: readonly string[], spoil: (text: string) => string) => {
    const site = bgpSite({ daemon: 'gobgp', ...bgp })
    const names = bgpOf(site).peers.map(({ name }) => name)
    const text = drained.reduce((file, name) => setDrain(names, file, name, true), '')
    const there = { kind: 'file', text, mode: 0o644, owner: 'root', group: 'root' } as const
    const said = (stdout: string) => ({ code: 0, stdout, stderr: '' })
    const { stdout } = await router.run([ours.gobgpd, '--version'])
    const commands = new Map([
      ['bird-version', said(`BIRD version ${FULL[version]}\n`)],
      ['gobgp-version', said(stdout)],
    ])
    const secrets = new Map(Object.keys(passwordsOf(bgpOf(site))).map((name) => [name, PASSWORD]))
    const seen = { files: new Map([[DRAIN_FILE, there]]), commands, secrets }
    const files = gobgp(site, routerIn(site), {})?.files(seen) ?? []
    for (const { path, text: content = '' } of files)
      router.write(basename(path), local(path.endsWith('.toml') ? spoil(content) : content))
    const behind = (getBirdConf(site, routerIn(site), seen) ?? '')
      .replaceAll('/etc/bird/', `${router.folder}/`)
      .replace('log syslog all', 'log stderr all')
    return { behind, unit: files.find(({ path }) => path === GOBGP_FILES.unit)?.text ?? '' }
  }
  const run = (word: string) => router.run(['sh', join(router.folder, 'orion-edge'), word])
  const start = async ({ unit, behind }: Awaited<ReturnType<typeof place>>) => {
    router.write('edge', 'gobgp\n')
    startBird(router, ours.bird, behind)
    const [, words = ''] = /^ExecStart=\S+ (.*)$/m.exec(local(unit)) ?? []
    chmodSync(router.write('systemctl', systemctl(router.folder)), 0o755)
    daemon = router.start(['sh', '-c', SERVICE, router.write('gobgpd.pid', ''), ours.gobgpd, ...words.split(' ')])
    return run('ready')
  }
  return {
    text: () => daemon?.text() ?? '',
    revalidate: () => run('revalidate'),
    render: async (bgp: Partial<Bgp>, { drained = [], spoil = (text: string) => text }: Spoilt = {}) => {
      const texts = await place(bgp, drained, spoil)
      return daemon === undefined ? start(texts) : run('apply')
    },
  }
}

/** Runs a program again whenever it ends; it ends with this. */
const SERVICE = 'while :; do setpriv --pdeathsig KILL "$@" & echo $! >"$0"; wait $!; sleep 0.2; done'

/** What orion-edge asks of systemd, by the words of orion-gobgp.service. */
const systemctl = (folder: string): string => `#!/bin/sh
pid=$(cat ${folder}/gobgpd.pid)
case $1 in
is-active) echo active ;;
reload) kill -HUP $pid ;;
restart)
  rm -f ${folder}/started ${folder}/api.sock
  kill -KILL $pid
  while [ "$pid" = "$(cat ${folder}/gobgpd.pid)" ]; do sleep 0.1; done
  exec sh ${folder}/orion-edge ready ;;
esac
`
