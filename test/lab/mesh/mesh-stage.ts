// Three simulated hosts with a mesh, their files made by orion's own parts: van is the hub, kel the bypass, rey is behind a NAT.
import { pack } from 'tar-stream'
import { birdConf } from '../../../src/parts/mesh/bird-conf.ts'
import { drainFile } from '../../../src/parts/mesh/drain.ts'
import { linkFile } from '../../../src/parts/mesh/link-file.ts'
import { type Gateway, getMesh, linkOf } from '../../../src/parts/mesh/model.ts'
import { weightFile } from '../../../src/parts/mesh/weight.ts'
import { linkInterface } from '../../../src/site/mesh-plan.ts'
import type { Site } from '../../../src/site/site.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'
import { HARDWARE, type LabHost, type Session, startHost } from '../host/lab-host.ts'

const DIR = '/etc/orion/mesh'
const NAMES = ['van', 'kel', 'rey'] as const
export type Name = (typeof NAMES)[number]

export interface Stage {
  readonly lab: LabHost['lab']
  readonly site: Site
  readonly on: Readonly<Record<Name, Session>>
  /** Writes files of a host; `undefined` takes one away. */
  write(name: Name, files: Readonly<Record<string, string>>): Promise<void>
  /** A program that orion sends along, by its name. */
  send(name: Name, program: string, words: readonly string[], input?: string): Promise<{ code: number; out: string }>
  /** Lines of `orion-mesh-look` of all links, and the way to each address. */
  look(name: Name, ...addresses: readonly string[]): Promise<readonly string[]>
  /** The device that leads to an address; `none` = nowhere. */
  way(name: Name, address: string): Promise<string>
  close(): Promise<void>
}

function meshSite(): Site {
  const { endpoint: _, ...silent } = gateway('rey', '10.99.5.1', { routes: ['10.5.0.0/24'] })
  const gateways = [
    gateway('van', '10.99.1.1', { routes: ['10.1.0.0/24'] }),
    gateway('kel', '10.99.2.1', { routes: ['10.2.0.0/24'] }),
    silent,
  ]
  const parts = {
    topology: 'hub',
    hub: 'van',
    bypass: { hub: 'kel' },
    postQuantum: { kem: 'ml-kem-768', required: true },
  } as const
  return site({ nodes: NAMES.map((name) => node(name)), mesh: mesh(gateways, parts) })
}

/** Keys are made and the programs are there; whoever opens it closes it. `version`: of Proxmox VE. */
export async function openStage(version = '9.1.4'): Promise<Stage> {
  const own = meshSite()
  const [first] = HARDWARE.nodes
  const nodes = NAMES.map((name, at) => ({
    ...first,
    threads: 16,
    memoryMib: 65_536,
    bridges: ['vmbr0'],
    name,
    address: `192.0.2.${10 + at}`,
    ...(name === 'rey' ? {} : { endpoint: `${name}.example.net` }),
  }))
  const host = await startHost({ nodes, version })
  const on = { van: await host.connect('van'), kel: await host.connect('kel'), rey: await host.connect('rey') }
  const send: Stage['send'] = async (name, program, words, input = '') => {
    const { code = -1, stdout, stderr } = await on[name].run(['sh', '-c', ':', program, ...words], input)
    return { code, out: `${stdout}${stderr}` }
  }
  const look: Stage['look'] = async (name, ...addresses) => {
    const links = gatewayNamed(own, name).links.map((end) => `${end.interface}=${end.remote}`)
    const { out } = await send(name, 'orion-mesh-look', ['3', 'no', ...links, ...addresses])
    return out.trimEnd().split('\n')
  }
  const stage: Stage = {
    lab: host.lab,
    site: own,
    on,
    send,
    look,
    write: async (name, files) => {
      const tar = pack()
      for (const [path, text] of Object.entries(files)) tar.entry({ name: path, mode: 0o644 }, text)
      tar.finalize()
      const chunks: Buffer[] = []
      for await (const chunk of tar) chunks.push(chunk as Buffer)
      const paths = Object.keys(files)
      const words = ['sh', '-c', ':', 'orion-write', String(paths.length), ...paths]
      const { code, stderr } = await on[name].run(words, Buffer.concat(chunks))
      if (code !== 0) throw new Error(stderr)
    },
    way: async (name, address) => {
      const line = (await look(name, address)).find((one) => one.startsWith('way '))
      return line === undefined ? 'none' : JSON.parse(line.slice('way '.length))[0].dev
    },
    close: () => host.close(),
  }
  for (const name of NAMES) await prepare(stage, name)
  return stage
}

export function gatewayNamed(own: Site, name: string): Gateway {
  const found = getMesh(own).gateways.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no gateway ${name}`)
  return found
}

async function prepare({ site: own, on, send, write }: Stage, name: Name): Promise<void> {
  await on[name].text('apt-get', 'install', '-y', 'wireguard-tools', 'bird2', 'nftables')
  await send(name, 'orion-mesh-keys', [...gatewayNamed(own, name).links.map((end) => end.interface), 'identity'])
  await write(name, {
    '/usr/local/sbin/orion-mesh': '#!/bin/sh\n',
    '/usr/local/sbin/orion-mesh-psk': '#!/bin/sh\n',
    '/etc/systemd/system/orion-mesh.service': '[Unit]\n',
    '/etc/systemd/system/orion-mesh-bird.service': '[Unit]\n',
  })
}

/** `wg` and `identity` of a host, as it tells them. */
export async function publicOf(stage: Stage, name: Name, peer: Name): Promise<{ wg: string; identity: string }> {
  const { out } = await stage.send(name, 'orion-mesh-psk', ['public', linkInterface(peer)])
  const [, wg = ''] = /^wg (\S+)$/m.exec(out) ?? []
  const [, identity = ''] = /^identity (\S+)$/m.exec(out) ?? []
  return { wg, identity }
}

/** The words of `offer` and `answer` for the end at `name`. */
export async function wordsFor(stage: Stage, name: Name, peer: Name): Promise<string[]> {
  const link = linkOf(stage.site, `${name}~${peer}`)
  if (link === undefined) throw new Error(`no link ${name}~${peer}`)
  const { wg, identity } = await publicOf(stage, peer, name)
  return [linkInterface(peer), 'test', link.id, link.a.name, link.b.name, wg, identity]
}

/** The whole exchange between `one`, whose name is the smaller one, and `other`; the key is staged on both. Gives its id. */
export async function exchange(stage: Stage, one: Name, other: Name): Promise<string> {
  const must = async (name: Name, words: readonly string[], input = '') => {
    const { code, out } = await stage.send(name, 'orion-mesh-psk', words, input)
    if (code !== 0) throw new Error(out)
    return out
  }
  const offer = await must(one, ['offer', ...(await wordsFor(stage, one, other))])
  const answer = await must(other, ['answer', ...(await wordsFor(stage, other, one))], offer)
  const tag = await must(one, ['accept', linkInterface(other)], answer)
  await must(other, ['confirm', linkInterface(one)], tag)
  return /new=([0-9a-f]{16})/.exec(await must(one, ['look', linkInterface(other)]))?.[1] ?? ''
}

/** Everything up: keys exchanged, links and BIRD in force. */
export async function raise(stage: Stage): Promise<void> {
  for (const { a, b } of getMesh(stage.site).links) {
    const [one, other] = [a.name as Name, b.name as Name]
    const id = await exchange(stage, one, other)
    await stage.send(one, 'orion-mesh-psk', ['install', linkInterface(other), id])
    await stage.send(other, 'orion-mesh-psk', ['install', linkInterface(one), id])
  }
  for (const name of NAMES) {
    await stage.write(name, await filesOf(stage, name))
    await stage.on[name].text('systemctl', 'start', 'orion-mesh.service')
    await stage.on[name].text('systemctl', 'start', 'orion-mesh-bird.service')
  }
}

async function filesOf(stage: Stage, name: Name): Promise<Record<string, string>> {
  const own = gatewayNamed(stage.site, name)
  const files: Record<string, string> = {
    [`${DIR}/bird.conf`]: birdConf(stage.site, own),
    [`${DIR}/drain.conf`]: drainFile(own, undefined),
    [`${DIR}/weight.conf`]: weightFile(100),
  }
  for (const end of own.links) {
    const { wg } = await publicOf(stage, end.peer.name as Name, name)
    files[`${DIR}/links/${end.interface}.conf`] = linkFile(stage.site.mesh ?? {}, end, wg)
  }
  return files
}
