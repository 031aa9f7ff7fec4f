// Nodes that the mesh has left and that still run links of it: no line of the site file is about them, so no plan would tell.
import { OrionError } from '../../errors.ts'
import type { Outside, Probe, ProbeResult } from '../../resource.ts'
import { readFacts, wishOf } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { LINKS_DIR } from './link-paths.ts'
import { gatewayOf } from './model.ts'
import { listOf } from './names.ts'

const WISH = wishOf([{ folders: [LINKS_DIR] }])
const EXPECTED = 'no links, as it is no gateway'

/** A warning at most: a node that is not of the mesh stops nothing of it, also where it does not answer. */
export function leftProbes(site: Site): readonly Probe[] {
  const others = site.nodes.filter(({ name }) => gatewayOf(site, name) === undefined)
  return others.map(({ name }) => ({
    id: `mesh-left:${name}`,
    title: name,
    run: async (outside) => ({ expected: EXPECTED, ...(await look(name, outside)) }),
  }))
}

async function look(name: string, outside: Outside): Promise<Omit<ProbeResult, 'expected'>> {
  const links = await linksOn(name, outside)
  if (links === undefined) return { state: 'warning', seen: 'it does not answer' }
  if (links.length === 0) return { state: 'ok', seen: 'no links' }
  const hint = `name it in mesh.gateways again, or undo what made them, by --to: orion mesh undo ${name} --list`
  return { state: 'warning', seen: `links of the mesh still stand there: ${listOf(links)}`, hint }
}

/** Interfaces; undefined = the node does not answer. */
async function linksOn(name: string, outside: Outside): Promise<readonly string[] | undefined> {
  try {
    const { files } = await readFacts(await outside.host(name), WISH)
    const inFolder = [...files.keys()].filter((path) => path.startsWith(`${LINKS_DIR}/`) && path.endsWith('.conf'))
    return inFolder.map((path) => path.slice(LINKS_DIR.length + 1, -'.conf'.length))
  } catch (error) {
    if (error instanceof OrionError && error.code !== 'E_INTERRUPTED') return undefined
    throw error
  }
}
