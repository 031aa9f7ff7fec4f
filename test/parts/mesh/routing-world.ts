// The mesh of a site in network namespaces: real BIRDs with the files that orion writes, veth cables in place of WireGuard's links.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { birdConf } from '../../../src/parts/mesh/bird-conf.ts'
import { drainFile } from '../../../src/parts/mesh/drain.ts'
import { MESH_TABLE } from '../../../src/parts/mesh/link-paths.ts'
import { endsOf, type Gateway, getMesh, type LinkEnd } from '../../../src/parts/mesh/model.ts'
import { weightFile } from '../../../src/parts/mesh/weight.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Mesh } from '../../../src/site/services.ts'
import type { Site } from '../../../src/site/site.ts'
import { type BirdVersion, daemons } from '../../daemons/daemons.ts'
import type { Daemon, Rig, Space } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'

export type MeshSite = Site & { readonly mesh: Mesh }

/** The federation, with an IPv6 network at each gateway besides; `change` makes another mesh of it. */
export async function meshSite(change: (mesh: Mesh) => Mesh = (mesh) => mesh): Promise<MeshSite> {
  const file = fileURLToPath(new URL('../../../templates/sites/federation.yaml', import.meta.url))
  const site = await loadSite(file, { home: '/nowhere' })
  if (site.mesh === undefined) throw new Error('the federation has no mesh')
  return { ...site, mesh: change(site.mesh) }
}

/** Each gateway with the network fd00:10:N::/48 besides its own. */
export function withIpv6(mesh: Mesh): Mesh {
  const gateways = mesh.gateways.map((one, at) => ({ ...one, routes: [...one.routes, `fd00:10:${at + 1}::/48`] }))
  return { ...mesh, gateways }
}

export interface World {
  space(name: string): Space
  gateway(name: string): Gateway
  end(name: string, peer: string): LinkEnd
  birdc(name: string, ...words: string[]): Promise<string>
  /** Starts BIRD of one, or all; `change` makes another bird.conf of it. */
  start(name: string, change?: (conf: string) => string): Promise<void>
  /** Writes drain.conf and weight.conf anew and reads them. */
  put(name: string, file: 'drain.conf' | 'weight.conf' | 'bird.conf', text: string): Promise<void>
  stop(name: string): Promise<void>
  /** The interface over which packets go there now; undefined = none of the mesh. */
  way(name: string, address: string): Promise<string | undefined>
  routes(name: string): Promise<readonly string[]>
  /** No packet passes any more, and nobody is told. */
  cut(name: string, peer: string): void
  mend(name: string): void
}

export async function meshWorld(rig: Rig, site: MeshSite, version: BirdVersion): Promise<World> {
  const model = getMesh(site)
  const { bird, birdc } = await daemons(version)
  const spaces = new Map(model.gateways.map(({ name }) => [name, rig.space(name)]))
  const running = new Map<string, Daemon>()
  const space = (name: string): Space => {
    const found = spaces.get(name)
    if (found === undefined) throw new Error(`no gateway ${name}`)
    return found
  }
  const gateway = (name: string): Gateway => {
    const found = model.gateways.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no gateway ${name}`)
    return found
  }
  for (const one of model.gateways) prepare(space(one.name), one)
  for (const link of model.links) {
    const [one, other] = endsOf(link)
    rig.cable(endIn(space(one.own.name), one), endIn(space(other.own.name), other))
  }
  const socket = (name: string): string => `${space(name).folder}/bird.ctl`
  const ask = (name: string, ...words: string[]) => space(name).must([birdc, '-s', socket(name), '-v', ...words])
  const own = (name: string, text: string): string =>
    text.replaceAll('/etc/orion/mesh', space(name).folder).replace('log syslog all', 'log stderr all')
  const world: World = {
    space,
    gateway,
    end: (name, peer) => {
      const found = gateway(name).links.find((end) => end.peer.name === peer)
      if (found === undefined) throw new Error(`no link ${name} ${peer}`)
      return found
    },
    birdc: ask,
    start: async (name, change = (conf) => conf) => {
      const host = space(name)
      host.write('drain.conf', drainFile(gateway(name), undefined))
      host.write('weight.conf', weightFile(100))
      const conf = host.write('bird.conf', own(name, change(birdConf(site, gateway(name)))))
      const daemon = host.start([bird, '-f', '-c', conf, '-s', socket(name), '-P', `${host.folder}/bird.pid`])
      running.set(name, daemon)
      let ended = false
      void daemon.ended.then(() => {
        ended = true
      })
      await within(20_000, `BIRD of ${name}`, async () => {
        if (ended) throw new Error(daemon.text())
        return (await host.run([birdc, '-s', socket(name), 'show', 'status'])).code === 0
      })
    },
    put: async (name, file, text) => {
      space(name).write(file, own(name, text))
      await ask(name, 'configure')
    },
    stop: async (name) => running.get(name)?.stop('SIGTERM'),
    way: async (name, address) => {
      const { code, stdout } = await space(name).run(['ip', '-j', 'route', 'get', address])
      const [route] = code === 0 ? (JSON.parse(stdout) as { dev?: string }[]) : []
      return route?.dev?.startsWith('wg-') ? route.dev : undefined
    },
    routes: async (name) => {
      const list = (family: string) => space(name).run(['ip', family, 'route', 'show', 'table', String(MESH_TABLE)])
      const both = await Promise.all([list('-4'), list('-6')])
      return both.flatMap(({ stdout }) => stdout.split('\n').map((line) => line.trim())).filter((line) => line !== '')
    },
    cut: (name, peer) => {
      const device = `"${world.end(name, peer).interface}"`
      const drop = (hook: string, way: string) =>
        `add chain inet cut ${hook} { type filter hook ${hook} priority -400; }\nadd rule inet cut ${hook} ${way} ${device} drop\n`
      nft(space(name), `add table inet cut\n${drop('prerouting', 'iifname')}${drop('postrouting', 'oifname')}`)
    },
    mend: (name) => nft(space(name), 'delete table inet cut\n'),
  }
  return world
}

function nft({ namespace }: Space, input: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input })
}

function endIn(space: Space, { own, interface: name, local }: LinkEnd) {
  const addresses = [`${local}/64`, `${own.address}/${own.family === 4 ? 32 : 128}`]
  return { space, name, addresses }
}

/** What orion-mesh and the set `mesh-forwarding` do; the gateway's networks are on `lo`. */
function prepare({ namespace }: Space, { routes }: Gateway): void {
  const inside = ['netns', 'exec', namespace]
  const settings = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1', 'net.ipv6.conf.default.addr_gen_mode=1']
  execFileSync('ip', [...inside, 'sysctl', '-qw', ...settings])
  for (const family of ['-4', '-6'])
    execFileSync('ip', ['-n', namespace, family, 'rule', 'add', 'pref', '5180', 'lookup', String(MESH_TABLE)])
  for (const route of routes) {
    const first = route.replace(/(::|\.0)\/\d+$/, (_, end: string) => (end === '::' ? '::1/128' : '.1/32'))
    execFileSync('ip', ['-n', namespace, 'address', 'add', first, 'dev', 'lo'])
  }
}
