// From checked input to the Site that the rest of orion sees.
import type { SiteInput } from '../schema/schema.ts'
import type { Finding, Site } from '../site.ts'
import type { KeySource } from '../ssh-key.ts'
import { shapeBackups, shapeSnapshots } from './backup.ts'
import { shapeBgp } from './bgp.ts'
import { withBridges } from './bridges.ts'
import { compact, makeContext } from './context.ts'
import { expandGuests } from './expansion.ts'
import { shapeGuests } from './guests.ts'
import { shapeClusters, shapeImages, shapeNetworks, shapeStorage } from './infrastructure.ts'
import { shapeMesh } from './mesh.ts'
import { shapeNodes } from './nodes.ts'
import { shapeDevices, shapeFirewall, shapeKeeper } from './parts.ts'

export interface Shaped {
  /** Only what resolves: a reference that leads nowhere is left out, and is a finding. */
  readonly site: Site
  readonly findings: readonly Finding[]
  /** About this machine and not about the file: of no use where the file has errors. */
  readonly notes: readonly Finding[]
}

/** Pure. `raw` is the data before the schema dropped malformed entries, `keys` the public keys that were read. */
export function shapeSite(
  input: SiteInput,
  options: { file: string; raw: unknown; keys: ReadonlyMap<string, KeySource> },
): Shaped {
  const expansion = expandGuests(input)
  const context = makeContext({ input, raw: options.raw, guests: expansion.names, keys: options.keys })
  const networks = shapeNetworks(context)
  const guests = shapeGuests(context, expansion.drafts)
  const nodes = withBridges(shapeNodes(context), networks, guests)
  if (saysNoNode(options.raw)) context.report(['nodes'], 'names no node')
  const site: Site = compact({
    name: input.site,
    file: options.file,
    domain: input.domain,
    timezone: input.timezone,
    access: input.access ?? { role: 'Orion', user: 'orion@pve', token: 'orion' },
    clusters: shapeClusters(context),
    nodes,
    networks,
    storage: shapeStorage(context),
    images: shapeImages(context),
    guests,
    devices: shapeDevices(context),
    backup: shapeBackups(
      context,
      guests.map(({ name }) => name),
    ),
    snapshots: shapeSnapshots(context),
    keeper: shapeKeeper(context),
    firewall: shapeFirewall(context),
    bgp: shapeBgp(context),
    mesh: shapeMesh(context),
    warnings: [],
  })
  return { site, findings: [...expansion.findings, ...context.findings], notes: context.notes }
}

/** An empty map is well-formed, and still no site. */
function saysNoNode(raw: unknown): boolean {
  const nodes = typeof raw === 'object' && raw !== null && 'nodes' in raw ? raw.nodes : undefined
  return typeof nodes === 'object' && nodes !== null && Object.keys(nodes).length === 0
}
