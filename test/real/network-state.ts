// What the network of a simulated host has come to after a run: bridges in force, each once, and no guarded change left open.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectHost } from '../../src/host/connect.ts'
import type { WorldState } from '../../src/lab/world.ts'
import type { Rehearsal } from './rehearsal.ts'

interface Interface {
  readonly iface: string
  readonly type: string
  readonly active?: number
}

/** What is wrong with it; [] = nothing. `wanted` names the bridges that there must be, in any order. */
export async function networkLeftovers(lab: Rehearsal, node: string, wanted: readonly string[]): Promise<string[]> {
  const { text, states } = await readHost(lab, node)
  const stanzas = [...text.matchAll(/^iface (\S+) (\S+)/gm)].map(([, name, family]) => `${name} ${family}`)
  const interfaces = await lab.get<Interface[]>(`/nodes/${node}/network`)
  const active = interfaces.flatMap(({ iface, type, active: on }) => (type === 'bridge' && on === 1 ? [iface] : []))
  return [
    ...wanted.filter((bridge) => !active.includes(bridge)).map((bridge) => `bridge ${bridge} is not in force`),
    ...active.filter((bridge) => !wanted.includes(bridge)).map((bridge) => `bridge ${bridge} is not wanted`),
    ...stanzas.filter((stanza, at) => stanzas.indexOf(stanza) !== at).map((stanza) => `${stanza} is there twice`),
    ...states.filter((state) => /^\S+ (staged|armed) /.test(state)).map((state) => `left open: ${state}`),
  ]
}

async function readHost(lab: Rehearsal, node: string): Promise<{ text: string; states: readonly string[] }> {
  const { hosts, identityFile, knownHosts } = lab.lab.access
  const place = hosts[node]
  if (place === undefined) throw new Error(`the lab has no host ${node}`)
  const host = connectHost({
    name: node,
    addresses: [place.host],
    port: place.port,
    user: 'root',
    identityFile,
    knownHosts: [knownHosts],
    config: '',
    agent: '',
    proxyJump: 'none',
    signal: new AbortController().signal,
  })
  try {
    const path = '/etc/network/interfaces'
    const { files } = await host.read({ files: [path] })
    const { stdout } = await host.run(['/usr/local/sbin/orion-guard', 'states'])
    return { text: files.get(path)?.text ?? '', states: stdout.split('\n').filter((line) => line !== '') }
  } finally {
    await host.close()
  }
}

/** The longest time that any guarded change of a closed lab's hosts had until its confirmation. */
export function longestWindowMs(lab: Pick<Rehearsal, 'dir'>): number {
  const worlds = readdirSync(lab.dir).filter((name) => /^world-.*\.json$/.test(name))
  const states = worlds.map(
    (name) => JSON.parse(readFileSync(join(lab.dir, name), 'utf8')) as Pick<WorldState, 'hosts'>,
  )
  const hosts = states.flatMap((state) => Object.values(state.hosts ?? {}))
  return 1000 * Math.max(0, ...hosts.flatMap(({ guard }) => guard.map(({ window }) => window)))
}
