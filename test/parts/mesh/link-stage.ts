// Two gateways of the federation on one wire, with real wireguard-go and wg: the program and the files that orion pushes, folders of their own.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Host, RunOptions } from '../../../src/host/host.ts'
import { meshProgram } from '../../../src/parts/mesh/interfaces.ts'
import { linkFile } from '../../../src/parts/mesh/link-file.ts'
import { keyFacts, publicKey } from '../../../src/parts/mesh/link-keys.ts'
import { liveFacts } from '../../../src/parts/mesh/links-live.ts'
import { getMesh, type LinkEnd } from '../../../src/parts/mesh/model.ts'
import type { Outside } from '../../../src/resource.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { meshKeys } from '../../../src/resources/mesh-keys.ts'
import { type Daemons, daemons } from '../../daemons/daemons.ts'
import type { Rig, Space } from '../../daemons/rig.ts'
import { type Ran, run } from '../../hosts/inside.ts'
import { type MeshSite, meshSite } from './routing-world.ts'

const DIR = '/etc/orion/mesh'
/** Both of fra-1 and kel-1, which have a link and can dial each other. */
const ADDRESSES: Readonly<Record<string, string>> = { 'fra-1': '192.0.2.1', 'kel-1': '192.0.2.2' }

export interface LinkHost {
  readonly end: LinkEnd
  readonly space: Space
  /** Runs it there, the mesh's folder and the programs being this test's own. */
  run(...argv: readonly string[]): Promise<Ran>
  /** orion-mesh VERB; its exit code and what it said. */
  mesh(verb: string): Promise<Ran>
  /** The same, killed at once after so many milliseconds. */
  kill(verb: string, ms: number): Promise<Ran>
  /** One value of `wg show IF WHAT`, without the peer's key. */
  show(what: string): Promise<string>
  /** What orion would read of it. */
  facts(): Promise<HostFacts>
  /** A file under the mesh's folder; undefined text = none. */
  put(path: string, text: string | undefined, mode?: number): void
  file(path: string): string
  /** Changes the link's own file. */
  edit(change: (text: string) => string): void
  makeKeys(): Promise<void>
}

export interface LinkStage {
  readonly site: MeshSite
  readonly fra: LinkHost
  readonly kel: LinkHost
  /** Pings through the tunnel, from fra-1; how many of them were answered. */
  answered(count: number): Promise<number>
}

/** With keys, a preshared key and files; nothing is up. */
export async function linkStage(rig: Rig): Promise<LinkStage> {
  const site = await meshSite((mesh) => ({
    ...mesh,
    gateways: mesh.gateways.map((one) => ({ ...one, ...(ADDRESSES[one.name] && { endpoint: ADDRESSES[one.name] }) })),
  }))
  const tools = await daemons('2.17')
  const [fra, kel] = [hostOf(rig, site, tools, 'fra-1', 'kel-1'), hostOf(rig, site, tools, 'kel-1', 'fra-1')]
  const plug = ({ space }: LinkHost, name: string) => ({ space, name: 'wire', addresses: [`${ADDRESSES[name]}/24`] })
  rig.cable(plug(fra, 'fra-1'), plug(kel, 'kel-1'))
  await Promise.all([fra.makeKeys(), kel.makeKeys()])
  const psk = (await fra.run(tools.wg, 'genpsk')).stdout
  for (const [one, other] of [[fra, kel] as const, [kel, fra] as const]) {
    const key = publicKey(await other.facts(), other.end.interface)
    assert.ok(key, 'a host made no key')
    one.put(`links/${one.end.interface}.conf`, linkFile(site.mesh, one.end, key))
    one.put(`keys/${one.end.interface}.psk`, psk, 0o600)
  }
  const answered = async (count: number) => {
    const target = `${fra.end.remote}%${fra.end.interface}`
    const { stdout } = await fra.run('ping', '-n', '-q', '-c', String(count), '-i', '0.2', '-W', '2', target)
    return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0)
  }
  return { site, fra, kel, answered }
}

function hostOf(rig: Rig, site: MeshSite, tools: Daemons, name: string, peer: string): LinkHost {
  const space = rig.space(name)
  const end = getMesh(site)
    .gateways.find((one) => one.name === name)
    ?.links.find((one) => one.peer.name === peer)
  assert.ok(end)
  const at = (path: string) => join(space.folder, 'mesh', path)
  const bin = join(space.folder, 'bin')
  for (const folder of [at('links'), bin, join(space.folder, 'run')]) mkdirSync(folder, { recursive: true })
  for (const tool of [tools.wg, tools.openssl]) symlinkSync(tool, join(bin, basename(tool)))
  writeFileSync(join(bin, 'wireguard-go'), inBackground(tools.wireguardGo), { mode: 0o755 })
  const own = (text: string) =>
    text.replaceAll(DIR, at('').replace(/\/$/, '')).replace('PATH=/usr/', `PATH=${bin}:/usr/`)
  const program = space.write('orion-mesh', own(meshProgram().text ?? ''))
  chmodSync(program, 0o755)
  // Sockets of wireguard-go are known by the interface's name alone.
  const inside = `mount --bind ${space.folder}/run /run && PATH=${bin}:$PATH && export PATH && exec "$@"`
  const into = ['ip', 'netns', 'exec', space.namespace, 'unshare', '-m', 'sh', '-c', inside, 'in']
  const here = (argv: readonly string[], input?: string | Buffer) => run([...into, ...argv.map(own)], input)
  const host: LinkHost = {
    end,
    space,
    run: (...argv) => here(argv),
    mesh: (verb) => here([program, verb]),
    kill: (verb, ms) => here(['timeout', '-s', 'KILL', String(ms / 1000), program, verb]),
    show: async (what) => (await here(['wg', 'show', end.interface, what])).stdout.trim().replace(/^\S+\t/, ''),
    facts: async () => {
      const wanted = { ...keyFacts(site, end.own).commands, ...liveFacts([end]).commands }
      const rows = Object.entries(wanted).map(async ([key, argv]) => [key, await here(argv)] as const)
      const conf = at(`links/${end.interface}.conf`)
      const text = existsSync(conf) ? readFileSync(conf, 'utf8') : ''
      const file = { kind: 'file', text, mode: 0o644, owner: 'root', group: 'root' } as const
      const files = new Map(text === '' ? [] : [[`${DIR}/links/${end.interface}.conf`, file]])
      return { files, commands: new Map(await Promise.all(rows)) }
    },
    put: (path, text, mode = 0o644) => {
      mkdirSync(dirname(at(path)), { recursive: true })
      if (text === undefined) rmSync(at(path), { force: true })
      else writeFileSync(at(path), text, { mode })
    },
    file: (path) => readFileSync(at(path), 'utf8'),
    edit: (change) => {
      const path = at(`links/${end.interface}.conf`)
      writeFileSync(path, change(readFileSync(path, 'utf8')))
    },
    makeKeys: async () => {
      const fake = {
        name,
        forget: () => undefined,
        run: async (argv: readonly string[], { input }: RunOptions = {}) => {
          const ran = await here(argv, input)
          assert.equal(ran.code, 0, ran.stderr)
          return ran
        },
      } as unknown as Host
      const outside = { host: async () => fake } as unknown as Outside
      const options = { host: name, interfaces: [end.interface], identity: true, needs: [], wish: {} }
      await meshKeys(options).create(outside, () => undefined)
    },
  }
  return host
}

/** By itself it would start its own file once more, which the daemons' loader is in place of. */
function inBackground(program: string): string {
  return `#!/bin/sh
WG_PROCESS_FOREGROUND=1 setsid ${program} "$1" </dev/null >/dev/null 2>&1 &
count=0
until [ -S "/run/wireguard/$1.sock" ] && ip link show dev "$1" >/dev/null 2>&1; do
count=$((count + 1))
[ $count -lt 250 ] || exit 1
sleep 0.02
done
`
}
