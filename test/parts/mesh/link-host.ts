// A gateway of the federation as orion reads it: what its programs said, and the files that are there.
import type { Output } from '../../../src/host/host.ts'
import { MESH_TABLE } from '../../../src/parts/mesh/link-paths.ts'
import type { Gateway } from '../../../src/parts/mesh/model.ts'
import { MESH_UNITS } from '../../../src/parts/mesh/unit.ts'
import type { WantedFile } from '../../../src/resources/file-set-difference.ts'
import { type HostFacts, READ_AT } from '../../../src/resources/host-facts.ts'

export const NOW = 1_800_000_000

/** A key that nobody has, told apart by a name. */
export function keyOf(name: string): string {
  return `${Buffer.from(name.padEnd(31, '.')).toString('base64').slice(0, 42)}A=`
}

/** Base64 that could be an ML-DSA key. */
export const identityOf = (name: string): string => Buffer.from(name.repeat(40)).toString('base64').slice(0, 200)

const answer = (stdout: string, code = 0): Output => ({ code, stdout, stderr: '' })

/** A host where nothing is of the mesh, but whose keys are made. `live`: lines of orion-mesh-live instead of those by their kind. */
export function linkHost(
  gateway: Gateway,
  { live = [], keys = true }: { live?: readonly string[]; keys?: boolean } = {},
) {
  const made = gateway.links.map(({ interface: name }) => `${name} ${keyOf(`${gateway.name}/${name}`)}\n`)
  const kinds = new Set(live.map((line) => line.split(' ')[0]))
  const lines = [
    `clock ${NOW}`,
    'link eth0 default 1500 up',
    'connected 192.0.2.0/24 eth0',
    'udp 22',
    'ipv6 on',
    'wireguard kernel',
  ].filter((line) => !kinds.has(line.split(' ')[0]))
  return factsOf({
    'mesh-public': keys ? [...made, `identity ${identityOf(gateway.name)}\n`].join('') : '',
    'mesh-live': [...lines, ...live, ''].join('\n'),
  })
}

/** The same with the mesh in force. `without`: kinds of lines, or whole lines, that are not said; `more`: said besides. */
export function meshHost(
  gateway: Gateway,
  files: readonly WantedFile[],
  { without = [], more = [] }: { without?: readonly string[]; more?: readonly string[] } = {},
): HostFacts {
  const up = gateway.links.flatMap((end) => {
    const name = end.interface
    const peer = keyOf(`${end.peer.name}/${end.peer.links.find(({ peer: own }) => own === gateway)?.interface}`)
    return [
      `link ${name} ${MESH_TABLE} 1420 up`,
      `address ${name} ${gateway.address}/32`,
      `address ${name} ${end.local}/64`,
      `public-key ${name} ${keyOf(`${gateway.name}/${name}`)}`,
      `listen-port ${name} ${end.listenPort}`,
      `udp ${end.listenPort}`,
      `allowed-ips ${name} ${peer} 0.0.0.0/0 ::/0`,
      `answers ${name}`,
    ]
  })
  const rules = [4, 6].map((family) => `rule ${family} ${MESH_TABLE} ${MESH_TABLE}`)
  const base = [
    'link eth0 default 1500 up',
    'connected 192.0.2.0/24 eth0',
    'udp 22',
    'ipv6 on',
    'wireguard kernel',
    `clock ${NOW}`,
  ]
  const said = [...base, ...up, ...rules].filter((line) => !without.some((one) => line.startsWith(one)))
  const lines = [...said, ...more]
  const { commands } = linkHost(gateway, { live: lines })
  return { files: filesOf(files), commands: new Map([...commands, ...unitAnswers('active', 'enabled')]) }
}

export function filesOf(files: readonly WantedFile[]): HostFacts['files'] {
  const rows = files.flatMap(({ path, text, mode = 0o644 }) =>
    text === undefined ? [] : [[path, { kind: 'file', text, mode, owner: 'root', group: 'root' } as const] as const],
  )
  return new Map(rows)
}

/** What `systemctl show` says of our units. */
export function unitAnswers(active: string, enabled: string): [string, Output][] {
  return MESH_UNITS.map((unit) => [
    `unit ${unit}`,
    answer(`LoadState=loaded\nActiveState=${active}\nUnitFileState=${enabled}\n`),
  ])
}

export function factsOf(commands: Readonly<Record<string, string>>): HostFacts {
  const rows = Object.entries({ [READ_AT]: String(NOW), ...commands })
  return { files: new Map(), commands: new Map(rows.map(([name, text]) => [name, answer(text)])) }
}
