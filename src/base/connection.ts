// How the Proxmox API of each cluster is reached: the lab, else the site file, else kept credentials, else the environment.

import { join } from 'node:path'
import { OrionError } from '../errors.ts'
import type { LabAccess } from '../lab/lab.ts'
import type { Outside } from '../resource.ts'
import type { SecretRef } from '../site/secret.ts'
import type { Cluster, Node, Site } from '../site/site.ts'

interface Options {
  readonly access: LabAccess | undefined
  readonly signal: AbortSignal
  /** Requests at once, per cluster. */
  readonly concurrency: number
}

/** Nothing is contacted yet: the first request opens the connection. */
export async function connectSite(site: Site, options: Options): Promise<Outside> {
  const { connectPve } = await import('../pve/connect.ts')
  const { getCredentialsPath, keepCredential } = await import('../pve/credentials.ts')
  const file = options.access ? join(options.access.dir, 'credentials.json') : getCredentialsPath()
  const pve = connectPve({
    clusters: site.clusters.map((cluster) => clusterOptions(site, cluster, file, options.access)),
    concurrency: options.concurrency,
    signal: options.signal,
  })
  return {
    pve,
    signal: options.signal,
    text: options.access ? await labMirror(site) : readText(options.signal),
    secret: options.access ? async () => REHEARSAL : readSecret(site),
    keep: (cluster, token) => keepCredential(file, { site: site.name, cluster, ...token }),
  }
}

/** Stands for every secret in the lab: the operator's own are not read for a simulation. */
const REHEARSAL = 'rehearsal'

const readSecret = (site: Site) => async (reference: SecretRef) => {
  const { resolveSecret } = await import('../site/secret.ts')
  return (await resolveSecret(reference, { file: site.file })).reveal()
}

/** Lazily, as most runs read no text. */
const readText = (signal: AbortSignal) => async (url: string) => (await import('./text.ts')).readText(url, signal)

/** The lab answers sums files itself, for the images of the site. */
async function labMirror(site: Site): Promise<Outside['text']> {
  const { hardwareOf } = await import('../lab/lab.ts')
  const { sumsText } = await import('../lab/mirror.ts')
  return async (url) => sumsText(url, hardwareOf(site))
}

function clusterOptions(site: Site, cluster: Cluster, file: string, access: LabAccess | undefined) {
  const nodes = site.nodes.filter((node) => node.cluster === cluster.name)
  const lab = access?.clusters[cluster.name]
  return {
    name: cluster.name,
    nodes: nodes.map((node) => node.name),
    endpoints: lab ? [{ host: lab.host, port: lab.port, fingerprint: lab.fingerprint }] : nodes.map(endpoint),
    credentials: () => credentials(site, cluster, nodes, file, lab?.token),
  }
}

const endpoint = (node: Node) => ({
  host: node.address,
  port: node.api.port,
  ...(node.api.fingerprint ? { fingerprint: node.api.fingerprint } : {}),
})

async function credentials(
  site: Site,
  cluster: Cluster,
  nodes: readonly Node[],
  file: string,
  lab: LabAccess['clusters'][string]['token'] | undefined,
) {
  const { findCredential } = await import('../pve/credentials.ts')
  const kept = await findCredential(file, site.name, cluster.name)
  const given = lab ?? fromEnvironment()
  const named = lab ? undefined : await fromSite(site, nodes)
  const [first, otherwise] = named ? [named] : [kept, given].filter((token) => token !== undefined)
  if (first) {
    const { id, secret } = first
    return { ...toToken({ id, secret }), ...(otherwise ? { otherwise: toToken(otherwise) } : {}) }
  }
  throw new OrionError(`there is no API token for the cluster ${cluster.name}`, {
    code: 'E_PVE_AUTH',
    suggestions: [
      'set ORION_TOKEN_ID and ORION_TOKEN_SECRET to an API token of an administrator',
      `or name one in the site file: nodes.${nodes[0]?.name ?? 'NODE'}.api.token`,
    ],
  })
}

async function fromSite(site: Site, nodes: readonly Node[]) {
  const token = nodes.find((node) => node.api.token)?.api.token
  return token && { id: token.id, secret: await readSecret(site)(token.secret) }
}

const toToken = ({ id, secret }: { id: string; secret: string }) => ({ kind: 'token' as const, id, secret })

function fromEnvironment() {
  const id = process.env.ORION_TOKEN_ID
  const secret = process.env.ORION_TOKEN_SECRET
  return id && secret ? { id, secret } : undefined
}
