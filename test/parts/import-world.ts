// A node that somebody built by hand, in the lab; and the import of it as the command does it, up to the text of the file.
import { openDiscovery } from '../../src/base/discovery.ts'
import type { Session } from '../../src/base/session.ts'
import { makePlan, type Plan } from '../../src/engine/plan.ts'
import { discoverNode } from '../../src/parts/discovery.ts'
import { type Imported, importSite } from '../../src/parts/import.ts'
import { withoutMistakes } from '../../src/parts/import-check.ts'
import { importedParts, settle } from '../../src/parts/import-settle.ts'
import type { Outside } from '../../src/resource.ts'
import { parseSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { writeSite } from '../../src/site/write.ts'
import { type LabSite, openLabSite } from '../resources/lab-site.ts'

const FILE = '/nowhere/orion.yaml'

/** As much as a lab is built from. */
export const NODE = `site: found
domain: example.net
nodes: { n1: { address: 10.0.0.10, gateway: 10.0.0.1, ports: { lan: eno1 }, hardware: { threads: 16, memory: 64G } } }
networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 } }
`

export interface HandMade extends LabSite {
  readonly site: Site
  /** POST or PUT of one guest, waited for. */
  vm(options: Readonly<Record<string, string | number>>): Promise<void>
  container(options: Readonly<Record<string, string | number>>): Promise<void>
  /** Replaces /etc/network/interfaces, and makes it come into force. */
  interfaces(change: (text: string) => string): Promise<void>
}

/** An empty node in the lab. Call close(). */
export async function openHandMade(text = NODE): Promise<HandMade> {
  const site = await parseSite(text, FILE)
  const lab = await openLabSite(site)
  const node = site.nodes[0]?.name ?? ''
  const cluster = lab.outside.pve.cluster(node)
  const ended = async (upid: unknown) => {
    if (typeof upid === 'string' && upid.startsWith('UPID')) await cluster.task(upid, () => {})
  }
  return {
    ...lab,
    site,
    vm: async (options) => ended(await cluster.api.nodes.$(node).qemu.$post(options as never)),
    container: async (options) => {
      const stored = await cluster.api.nodes.$(node).storage.$('local').content.$get({ content: 'vztmpl' })
      if (stored.length === 0) await ended(await fetchTemplate(cluster, node))
      const [template] = await cluster.api.nodes.$(node).storage.$('local').content.$get({ content: 'vztmpl' })
      const ostemplate = template?.volid ?? ''
      await ended(await cluster.api.nodes.$(node).lxc.$post({ ostemplate, ...options } as never))
    },
    interfaces: async (change) => {
      const host = await lab.outside.host(node)
      const path = '/etc/network/interfaces'
      const { files } = await host.read({ files: [path] })
      await host.write([{ path, text: change(files.get(path)?.text ?? '') }])
      await host.run(['ifreload', '-a'])
    },
  }
}

async function fetchTemplate(cluster: ReturnType<Outside['pve']['cluster']>, node: string): Promise<string> {
  const [first] = await cluster.api.nodes.$(node).aplinfo.$get()
  return cluster.api.nodes.$(node).aplinfo.$post({ storage: 'local', template: first?.template ?? '' })
}

export interface Result {
  readonly text: string
  readonly plan: Plan
  readonly site: Site
  readonly imported: Imported
}

/** Everything but the file on the disk. */
export async function importAll({ site, outside }: Pick<HandMade, 'site' | 'outside'>): Promise<Result> {
  outside.forget()
  const session = { site, outside } as Pick<Session, 'site' | 'outside'> as Session
  const [first] = site.nodes
  const way = await openDiscovery(session, first?.name ?? '')
  const found = []
  for (const { name } of site.nodes) found.push(await discoverNode(way.outside, name))
  let now = importSite(found, { address: first?.address ?? '', site: 'found' })
  for (let round = 0; round < 6; round++) {
    const read = await withoutMistakes(now, FILE)
    const plan = await planOf(read.site, way.outside)
    const next = settle(read.imported, read.site, plan.steps)
    if (next === undefined) {
      const { value, comments } = read.imported
      return { text: writeSite(value, { comments }), plan, site: read.site, imported: read.imported }
    }
    now = next
  }
  throw new Error('the import does not come to rest')
}

/** Of what is imported: interfaces, storages, guests. */
export function planOf(site: Site, outside: Outside): Promise<Plan> {
  outside.forget()
  const resources = importedParts.flatMap((part) => part.resources(site, { restart: false }))
  return makePlan(resources, outside, { site: site.name, partial: true, concurrency: 8 })
}
