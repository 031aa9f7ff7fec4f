// How the Proxmox API of each cluster is reached: the lab, else the site file, else kept credentials, else the environment.
import { OrionError } from '../errors.ts'
import type { LabAccess } from '../lab/lab.ts'
import type { Fingerprints } from '../pve/pins.ts'
import type { Pve } from '../pve/pve.ts'
import type { SecretRef } from '../site/secret.ts'
import type { Cluster, Node, Site } from '../site/site.ts'
import { type PinOptions, pinEndpoint, readSitePins } from './pins.ts'

interface Token {
  readonly id: string
  readonly secret: string
}

/** What goes before all that is kept or named: tokens by cluster, certificates by node. */
export interface ApiWish {
  readonly tokens?: Readonly<Record<string, Token>>
  readonly pins?: Fingerprints
}

export interface ApiOptions extends PinOptions, ApiWish {
  readonly access: LabAccess | undefined
  /** Requests at once, per cluster. */
  readonly concurrency: number
  /** The value behind a secret reference. */
  readonly secret: (reference: SecretRef) => Promise<string>
}

/** Nothing is contacted yet: the first request opens the connection. Errors: E_SECRET of the kept pins. */
export async function connectApi(site: Site, options: ApiOptions): Promise<Pve> {
  const { connectPve } = await import('../pve/connect.ts')
  const { access, concurrency, signal } = options
  const pins = access ? {} : { ...(await readSitePins(site, options.file)), ...options.pins }
  const clusters = site.clusters.map((cluster) => clusterOptions(site, cluster, pins, options))
  return connectPve({ clusters, concurrency, signal })
}

function clusterOptions(site: Site, cluster: Cluster, pins: Fingerprints, options: ApiOptions) {
  const nodes = site.nodes.filter((node) => node.cluster === cluster.name)
  const lab = options.access?.clusters[cluster.name]
  return {
    name: cluster.name,
    nodes: nodes.map((node) => node.name),
    endpoints: lab
      ? [{ host: lab.host, port: lab.port, fingerprint: lab.fingerprint }]
      : nodes.map((node) => pinEndpoint(site, node, pins, options)),
    credentials: () => credentials(site, cluster, nodes, options),
  }
}

async function credentials(site: Site, cluster: Cluster, nodes: readonly Node[], options: ApiOptions) {
  const wished = options.tokens?.[cluster.name]
  if (wished) return toToken(wished)
  const { findCredential } = await import('../pve/credentials.ts')
  const lab = options.access?.clusters[cluster.name]?.token
  const kept = await findCredential(options.file, site.name, cluster.name)
  const given = lab ?? fromEnvironment()
  const named = lab ? undefined : await fromSite(nodes, options)
  const [first, otherwise] = named ? [named] : [kept, given].filter((token) => token !== undefined)
  if (first) return { ...toToken(first), ...(otherwise ? { otherwise: toToken(otherwise) } : {}) }
  throw new OrionError(`there is no API token for the cluster ${cluster.name}`, {
    code: 'E_PVE_AUTH',
    suggestions: [
      'make one over SSH: orion bootstrap access',
      'or set ORION_TOKEN_ID and ORION_TOKEN_SECRET to an API token of an administrator',
      `or name one in the site file: nodes.${nodes[0]?.name ?? 'NODE'}.api.token`,
    ],
  })
}

async function fromSite(nodes: readonly Node[], { secret }: ApiOptions): Promise<Token | undefined> {
  const token = nodes.find((node) => node.api.token)?.api.token
  return token && { id: token.id, secret: await secret(token.secret) }
}

const toToken = ({ id, secret }: Token) => ({ kind: 'token' as const, id, secret })

function fromEnvironment(): Token | undefined {
  const id = process.env.ORION_TOKEN_ID
  const secret = process.env.ORION_TOKEN_SECRET
  return id && secret ? { id, secret } : undefined
}
