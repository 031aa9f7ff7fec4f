// The wizard's ways out: the rules of the site file, and the nodes, real ones or the lab's.
import { stopLab } from '../../lab/lab.ts'
import { parseSite } from '../../site/load.ts'
import type { Finding, Site } from '../../site/site.ts'
import { SiteError } from '../../site/site-error.ts'
import { discover, type ReadNode } from '../discovery.ts'
import { labDir, stateDir } from '../paths.ts'
import { type Caller, LAB_KEY, openSiteSession, type SiteFlags } from '../session.ts'
import type { World } from './course.ts'
import { labSite } from './here.ts'
import type { Draft } from './question.ts'
import { get, type Value } from './value.ts'

interface Ways {
  readonly flags: SiteFlags
  readonly caller: Caller
  /** The file that it will be: paths in it are relative to its folder. */
  readonly file: string
  readonly read: ReadNode
}

export interface RealWorld extends World {
  /** Reads a site file's text as it will be. Errors: SiteError. */
  parse(text: string): Promise<Site>
  close(): Promise<void>
}

/** Opens nothing before the first look. */
export function makeWorld({ flags, caller, file, read }: Ways, lab: boolean): RealWorld {
  const options = lab ? { standInKey: LAB_KEY } : {}
  const labs = new Set<string>()
  const parse = (text: string): Promise<Site> => parseSite(text, file, options)
  const look: World['look'] = async (key, draft) => {
    const site = await parse(JSON.stringify(lab ? labValue(draft) : bareSite(draft, key)))
    const dir = flags['lab-dir'] ?? labDir('.init', `${stateDir('.init')}/lab-${draft.start?.name}`)
    if (lab) labs.add(dir)
    const session = await openSiteSession(site, lab ? { lab, 'lab-dir': dir } : {}, caller)
    try {
      return await discover(
        session,
        lab ? ((site.nodes.find(({ name }) => name === key) ?? site.nodes[0])?.name ?? key) : key,
        read,
      )
    } finally {
      await session.close()
    }
  }
  const close = async () => {
    // One that the operator named is theirs to keep running.
    if (flags['lab-dir'] === undefined) await Promise.allSettled([...labs].map((dir) => stopLab(dir)))
  }
  return { look, parse, close, check: (value) => findingsOf(value, parse) }
}

/** JSON is YAML, and the places of findings are paths. */
export async function findingsOf(value: Value, parse: RealWorld['parse']): Promise<readonly Finding[]> {
  try {
    return (await parse(JSON.stringify(value))).warnings
  } catch (error) {
    if (error instanceof SiteError) return error.findings
    throw error
  }
}

const labValue = ({ start }: Draft): Value => (start === undefined ? {} : labSite(start))

/** As much as SSH needs. */
function bareSite({ value, names }: Draft, key: string): Value {
  const name = names[key] ?? key
  const address = get(value, ['nodes', name, 'address'])
  const ssh = get(value, ['nodes', name, 'ssh'])
  return { site: 'init', nodes: { [key]: { address, ...(ssh === undefined ? {} : { ssh }) } } }
}
