// A person's device comes into the mesh or leaves it: what changes on the gateway that it dials, and the proof that it is so.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import {
  type Facts,
  type HostFacts,
  NODE_NAME,
  readAnew,
  readSettled,
  refuseFacts,
  said,
  wishOf,
} from '../../resources/host-facts.ts'
import { didYouMean } from '../../site/nearest.ts'
import type { MeshClient } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { clientConfiguration } from './client-configuration.ts'
import {
  CLIENT_FACTS,
  CLIENTS,
  clientProblems,
  clientsOf,
  fileOf,
  interfaceFile,
  keysOf,
  secretOf,
} from './client-files.ts'
import { type ClientKeys, isPublicKey } from './client-key.ts'
import { lineOf } from './client-line.ts'
import { withLength } from './link-file.ts'
import { keyFacts, publicKey } from './link-keys.ts'
import { MESH_PROGRAM } from './link-paths.ts'
import { type Gateway, gatewayOf } from './model.ts'
import { reachOf } from './reach.ts'

type Host = Awaited<ReturnType<Outside['host']>>

const PEERS = 'mesh-clients-peers'
/** Public keys and addresses alone. */
const PEER_FACTS: Facts = {
  files: [MESH_PROGRAM],
  commands: { [PEERS]: ['wg', 'show', CLIENTS.interface, 'allowed-ips'] },
}

/** Preshared keys of devices that are not there (any more). POSIX; no arguments. */
const TIDY = `cd ${CLIENTS.secrets} 2>/dev/null || exit 0
for f in client-*.psk; do
name=\${f#client-}
[ ! -f "$f" ] || [ -e "${CLIENTS.folder}/\${name%.psk}" ] || rm -f -- "$f"
done`

/** The device and its gateway. Errors: E_USAGE for a name that the site file does not have; for an unknown one with the line to add. */
export function clientWay(site: Site, name: string, verb: 'add' | 'remove') {
  const { client, gateway } = find(site, name, verb)
  const wish = wishOf([NODE_NAME, CLIENT_FACTS, PEER_FACTS, keyFacts(site, gateway)])
  const others = clientsOf(site, gateway)
  const isThere = (seen: HostFacts) => seen.files.has(fileOf(name))
  const conf = (keys: ReadonlyMap<string, string>) => interfaceFile(gateway, others, keys)
  return {
    gateway: gateway.name,
    address: client.address,
    /** What is recorded today shall stay secret: only a preshared key does that for a device. */
    isPostQuantum: site.mesh?.postQuantum !== undefined,
    host: (outside: Outside) => reachOf(site)(gateway.name, outside),
    /** Errors: E_HOST_FACTS where the gateway is not ready for clients. */
    read: async (host: Host): Promise<HostFacts> => {
      host.forget()
      const seen = await readSettled(host, wish, () => true)
      refuseFacts(gateway.name, `client ${name}`, problemsOf(site, gateway, name, seen))
      return seen
    },
    isThere,
    /** Errors: E_USAGE: no key, or somebody else's. Pure. */
    refuseKey: (seen: HostFacts, key: string): void => refuseKey(site, gateway, { name, key, seen }),
    /** Files of the gateway with this key, or (undefined) without the device. Pure. */
    change: (seen: HostFacts, key: string | undefined) => {
      const keys = new Map([...keysOf(site, gateway, seen)].filter(([one]) => one !== name))
      if (key !== undefined) keys.set(name, key)
      const file: WantedFile = { path: fileOf(name), text: key === undefined ? undefined : `${key}\n` }
      return { name: `mesh-client-${name}`, files: [file, conf(keys)], check: [], activate: [[MESH_PROGRAM, 'sync']] }
    },
    /** What is not so on the gateway; [] = confirm. */
    prove: async (fresh: Host, key: string | undefined): Promise<readonly string[]> =>
      untrue({ client, key }, await readAnew(fresh, wish)),
    /** A preshared key is put beside the others, which orion never reads; those of nobody go. */
    keepSecret: (host: Host, presharedKey: string): Promise<void> =>
      host.write([{ path: `${CLIENTS.secrets}/${secretOf(name)}`, text: `${presharedKey}\n`, mode: 0o600 }]),
    tidy: async (host: Host): Promise<void> => void (await host.run(['sh', '-c', TIDY, 'orion-mesh-client-tidy'])),
    /** Of the device; with secrets where `keys` has them. Pure. */
    configuration: (seen: HostFacts, keys: ClientKeys): string =>
      clientConfiguration(site, { client, gateway, gatewayKey: ownKey(seen), keys }),
  }
}

function find(
  site: Site,
  name: string,
  verb: 'add' | 'remove',
): { readonly client: MeshClient; readonly gateway: Gateway } {
  if (site.mesh === undefined)
    throw new OrionError(`${site.name} has no mesh: there is nothing that ${name} could join`, { code: 'E_USAGE' })
  const clients = site.mesh.clients.map((one) => one.name)
  const client = site.mesh.clients.find((one) => one.name === name)
  if (client === undefined)
    throw new OrionError(
      `${site.name} has no client named ${name}${didYouMean(name, clients)}: the site file says who may join`,
      {
        code: 'E_USAGE',
        suggestions:
          verb === 'add' ? lineOf(site.mesh, name) : [`one that was added before goes with the next orion mesh apply`],
      },
    )
  const gateway = gatewayOf(site, client.gateway ?? '')
  if (gateway === undefined)
    throw new OrionError(`no gateway of ${site.name} has an endpoint that ${name} could dial`, { code: 'E_USAGE' })
  return { client, gateway }
}

/** Of the gateway's interface for clients; '' where there is none. */
function ownKey(seen: HostFacts): string {
  return publicKey(seen, CLIENTS.interface) ?? ''
}

function problemsOf(site: Site, gateway: Gateway, name: string, seen: HostFacts): readonly string[] {
  if (!seen.files.has(MESH_PROGRAM) || !seen.files.has(CLIENTS.conf) || !isPublicKey(ownKey(seen)))
    return [`${gateway.name} has no interface for clients yet: orion mesh apply`]
  // The one that is meant may be the one that is broken.
  return clientProblems(site, gateway, seen).filter((text) => !text.endsWith(` remove ${name}`))
}

function refuseKey(
  site: Site,
  gateway: Gateway,
  { name, key, seen }: { readonly name: string; readonly key: string; readonly seen: HostFacts },
): void {
  const usage = (message: string, ...suggestions: string[]) => new OrionError(message, { code: 'E_USAGE', suggestions })
  if (!isPublicKey(key))
    throw usage(
      '--public-key wants a key as wg pubkey prints it: 44 signs of base64, the last one =',
      'on the device: wg pubkey < private-key',
    )
  const [same] = [...keysOf(site, gateway, seen)].find(([other, one]) => other !== name && one === key) ?? []
  if (same !== undefined) throw usage(`this is the key of ${same}: each device has its own`)
  if (ownKey(seen) === key) throw usage(`this is the key of ${gateway.name} itself, not of a device`)
}

function untrue({ client, key }: { readonly client: MeshClient; readonly key: string | undefined }, seen: HostFacts) {
  const cidr = withLength(client.address)
  const rows = (said(seen, PEERS) ?? '').split('\n').map((row) => row.split('\t'))
  const holder = rows.find(([, addresses = '']) => addresses.split(' ').includes(cidr))?.[0]
  if (holder === key) return []
  return [key === undefined ? `${cidr} still leads to a client` : `${cidr} does not lead to ${client.name}`]
}
