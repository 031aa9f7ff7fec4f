// The way to a host that orion has never seen: SSH alone, with pvesh as its API. For the wizard and for import.
import type { Outside } from '../resource.ts'
import type { Discovery } from '../site/discovery.ts'
import type { Session } from './session.ts'

/** A way out that needs no token, and the node's own name. */
export interface Way {
  readonly outside: Outside
  /** Its hostname, which is its name in Proxmox VE. */
  readonly node: string
}

/** What reads a node (parts/discovery.ts). */
export type ReadNode = (outside: Outside, node: string) => Promise<Discovery>

/**
 * Opens the way to a node: `name` as the session's site calls it, whatever the host calls itself. Errors: E_HOST_*; E_HOST_FACTS
 * where there is no Proxmox VE.
 */
export async function openDiscovery(session: Session, name: string): Promise<Way> {
  const { outside } = session
  const host = await outside.host(name)
  const { stdout } = await host.run(['uname', '-n'])
  const node = stdout.trim().split('.')[0] ?? name
  const { connectPvesh } = await import('../pve/connect.ts')
  const { site } = session
  const cluster = site.nodes.find((one) => one.name === name)?.cluster ?? site.name
  const run = (argv: readonly string[]) => host.run(argv, { accept: ANY_CODE })
  const nodes = [...new Set([node, ...site.nodes.filter((one) => one.cluster === cluster).map((one) => one.name)])]
  const pve = connectPvesh([{ name: cluster, nodes, run }], outside.signal)
  const forget = () => {
    pve.forget()
    outside.forget()
  }
  const reach = (wanted: string) => (wanted === node ? Promise.resolve(host) : outside.host(wanted))
  return { node, outside: { ...outside, pve, host: reach, forget } }
}

/** Opens the way and reads all of it. */
export async function discover(session: Session, name: string, read: ReadNode): Promise<Discovery> {
  const { outside, node } = await openDiscovery(session, name)
  return await read(outside, node)
}

/** What pvesh came to is read from its words; only a time limit (124) and a kill (137) stay errors of the host. */
const ANY_CODE = Array.from({ length: 256 }, (_, code) => code).filter((code) => code !== 124 && code !== 137)
