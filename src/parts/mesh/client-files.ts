// People's devices on the gateway that they dial: a file with the public key of each, and the interface that has them as peers.
import type { WantedFile } from '../../resources/file-set-difference.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import { CLIENTS_INTERFACE } from '../../site/mesh-plan.ts'
import type { MeshClient } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { isPublicKey } from './client-key.ts'
import { tunnelMtu, withLength } from './link-file.ts'
import { linkPath, MESH_DIR, MESH_TABLE } from './link-paths.ts'
import type { Gateway } from './model.ts'

export const CLIENTS = {
  interface: CLIENTS_INTERFACE,
  /** `NAME`: one line, the public key. Made by `orion mesh client add`, kept by the plan. */
  folder: `${MESH_DIR}/clients`,
  conf: linkPath(CLIENTS_INTERFACE),
  /** `client-NAME.psk`, 0600; never read by orion. */
  secrets: `${MESH_DIR}/keys`,
} as const

type Own = Pick<Gateway, 'name' | 'address' | 'port' | 'mtu'>

/** Clients of the site file that dial this gateway. Pure. */
export function clientsOf(site: Site, { name }: Pick<Gateway, 'name'>): readonly MeshClient[] {
  return site.mesh?.clients.filter((client) => client.gateway === name) ?? []
}

/** What `clientFiles` looks at. */
export const CLIENT_FACTS: Facts = { folders: [CLIENTS.folder], files: [CLIENTS.conf] }

export function fileOf(client: string): string {
  return `${CLIENTS.folder}/${client}`
}

/** Public keys by client, of those that are there and of the site file. Pure. */
export function keysOf(site: Site, gateway: Pick<Gateway, 'name'>, seen: HostFacts): ReadonlyMap<string, string> {
  const rows = clientsOf(site, gateway).flatMap(({ name }): [string, string][] => {
    const key = seen.files.get(fileOf(name))?.text.trim()
    return key !== undefined && isPublicKey(key) ? [[name, key]] : []
  })
  return new Map(rows)
}

/**
 * Files of the gateway's `mesh` set: who was added stays, a client of no line in the site file goes, and the interface has the rest
 * as its peers. A gateway that nobody dials has none. Pure.
 */
export function clientFiles(site: Site, gateway: Own, seen: HostFacts): readonly WantedFile[] {
  const clients = clientsOf(site, gateway)
  const gone = [...seen.files.keys()].filter(
    (path) => path.startsWith(`${CLIENTS.folder}/`) && !clients.some(({ name }) => fileOf(name) === path),
  )
  const left = gone.map((path): WantedFile => ({ path, text: undefined }))
  if (clients.length > 0) return [...left, interfaceFile(gateway, clients, keysOf(site, gateway, seen))]
  return seen.files.has(CLIENTS.conf) ? [...left, { path: CLIENTS.conf, text: undefined }] : left
}

/** Why the peers cannot be so. Pure. */
export function clientProblems(site: Site, gateway: Pick<Gateway, 'name'>, seen: HostFacts): readonly string[] {
  const there = clientsOf(site, gateway).filter(({ name }) => seen.files.has(fileOf(name)))
  const keys = keysOf(site, gateway, seen)
  const broken = there.filter(({ name }) => !keys.has(name)).map(({ name }) => name)
  const twice = [...keys].filter(([name, key]) => [...keys].some(([other, same]) => other < name && same === key))
  return [
    ...broken.map((name) => `${fileOf(name)} holds no public key: orion mesh client remove ${name}`),
    ...twice.map(([name]) => `${name} has the key of another client: orion mesh client remove ${name}`),
  ]
}

const HEAD =
  '# Made by orion from the site file and /etc/orion/mesh/clients: orion mesh client add NAME, orion mesh client remove NAME.'

/** The interface with these keys as its peers, in the words that orion-mesh reads. A preshared key is used where there is one. Pure. */
export function interfaceFile(
  { address, port, mtu }: Own,
  clients: readonly MeshClient[],
  keys: ReadonlyMap<string, string>,
): WantedFile {
  const own = [
    `Address = ${withLength(address)}`,
    ...(mtu === undefined ? [] : [`MTU = ${tunnelMtu(mtu)}`]),
    `PrivateKeyFile = ${CLIENTS.interface}.key`,
    `ListenPort = ${port}`,
    `Table = ${MESH_TABLE}`,
  ]
  const peers = clients.flatMap((client) => peerOf(client, keys.get(client.name)))
  return { path: CLIENTS.conf, text: [HEAD, '[Interface]', ...own, ...peers, ''].join('\n') }
}

function peerOf({ name, address }: MeshClient, key: string | undefined): readonly string[] {
  if (key === undefined) return []
  const psk = `PresharedKeyFile = -${secretOf(name)}`
  return ['', '[Peer]', `Name = ${name}`, `PublicKey = ${key}`, psk, `AllowedIPs = ${withLength(address)}`]
}

/** File of a preshared key among the keys. */
export function secretOf(client: string): string {
  return `client-${client}.psk`
}
