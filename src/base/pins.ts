// Pinned certificates of the API: the site file's first, else the kept ones; a renewed one is read anew on its own host.
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Endpoint } from '../pve/endpoint.ts'
import type { Fingerprints } from '../pve/pins.ts'
import type { Node, Site } from '../site/site.ts'

export interface PinOptions {
  /** The operator's credentials, beside which pins are kept. */
  readonly file: string
  readonly host: (name: string) => Promise<Host>
  /** One line on stderr. */
  readonly tell: (text: string) => Promise<void>
  readonly signal: AbortSignal
}

/** The pins of a site: those that are kept, else those of the environment (for CI). Errors: E_SECRET, E_USAGE. */
export async function readSitePins(site: Site, file: string): Promise<Fingerprints> {
  const { readPins } = await import('../pve/pins.ts')
  return { ...fromEnvironment(process.env.ORION_FINGERPRINTS), ...(await readPins(file, site.name)) }
}

/** `n1=AA:BB:…,n2=…`, as `orion bootstrap access --print-token` prints it. Errors: E_USAGE. */
export function fromEnvironment(text = ''): Fingerprints {
  const parts = text.split(',').filter((part) => part !== '')
  return Object.fromEntries(
    parts.map((part) => {
      const [, node, fingerprint] = /^([^=\s]+)=((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i.exec(part.trim()) ?? []
      if (node !== undefined && fingerprint !== undefined) return [node, fingerprint] as const
      throw new OrionError('ORION_FINGERPRINTS is not NODE=AA:BB:…, with commas between nodes', { code: 'E_USAGE' })
    }),
  )
}

/** Where the API of a node answers, and whose certificate is accepted there. */
export function pinEndpoint(site: Site, node: Node, pins: Fingerprints, options: PinOptions): Endpoint {
  const { address: host, api } = node
  const fingerprint = api.fingerprint ?? pins[node.name]
  if (fingerprint === undefined) return { host, port: api.port }
  const renewed = async (seen: string) => judge(site, node, seen, options)
  return { host, port: api.port, fingerprint, renewed }
}

/** What the host itself has, where that may count from now on. Errors: E_PVE_CERTIFICATE, with who says what. */
async function judge(site: Site, node: Node, seen: string, options: PinOptions): Promise<string | undefined> {
  const { isSameFingerprint, keepPins } = await import('../pve/pins.ts')
  const own = await readOwn(node.name, options)
  if (own === undefined) return undefined
  if (!isSameFingerprint(own, seen)) throw imposter(node.name, seen, own)
  if (node.api.fingerprint !== undefined) throw outdated(node.name, node.api.fingerprint, own)
  await keepPins(options.file, site.name, { [node.name]: own })
  await options.tell(`The API certificate of ${node.name} was renewed; its new fingerprint was read over SSH and kept.`)
  return own
}

/** Errors: E_PVE_CERTIFICATE where the site file names another certificate for a node than that node itself has. */
export async function refuseOutdated(site: Site, own: Fingerprints): Promise<void> {
  const { isSameFingerprint } = await import('../pve/pins.ts')
  for (const { name, api } of site.nodes) {
    const has = own[name]
    if (api.fingerprint === undefined || has === undefined || isSameFingerprint(api.fingerprint, has)) continue
    throw outdated(name, api.fingerprint, has)
  }
}

/** Of the node's own host, which SSH knows by its host key; undefined where it cannot be asked. */
async function readOwn(node: string, { host, signal }: PinOptions): Promise<string | undefined> {
  const { getPinCommands, parsePins } = await import('../pve/pins.ts')
  try {
    return parsePins([node], await (await host(node)).read({ commands: getPinCommands([node]) }))[node]
  } catch (error) {
    if (signal.aborted || !(error instanceof OrionError)) throw error
    return undefined
  }
}

function imposter(node: string, seen: string, own: string): OrionError {
  const both = `  seen                 ${seen}\n  over SSH, ${node} has ${own}`
  return new OrionError(
    `Something between here and ${node} answers for its API: the certificate is not the one of ${node} itself; nothing was sent\n${both}`,
    {
      code: 'E_PVE_CERTIFICATE',
      suggestions: ['Find out what answers at this address (a proxy, another machine, an attack) before you go on'],
    },
  )
}

function outdated(node: string, expected: string, own: string): OrionError {
  return new OrionError(
    `The certificate of the API of ${node} is not the one in the site file, and ${node} itself says over SSH that it is its own; nothing was sent\n  site file ${expected}\n  ${node} has ${own}`,
    {
      code: 'E_PVE_CERTIFICATE',
      suggestions: [
        `It was renewed: set nodes.${node}.api.fingerprint to ${own}`,
        `or take nodes.${node}.api.fingerprint out of the site file, and orion bootstrap access keeps it by itself`,
      ],
    },
  )
}
