// orion bootstrap import: a host that exists becomes a site file, and the plan of that file has nothing to do.
import { relative, resolve } from 'node:path'
import type { Plan } from '../engine/plan.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Difference, Outside, Part } from '../resource.ts'
import type { Discovery } from '../site/discovery.ts'
import type { SiteDraft } from '../site/schema/schema.ts'
import type { Site } from '../site/site.ts'
import { openDiscovery, type ReadNode } from './discovery.ts'
import { type Reach, reach } from './import-reach.ts'
import { schemaFor } from './paths.ts'
import type { Caller, Session, SiteFlags } from './session.ts'
import { putSiteFile } from './site-out.ts'
import { say, show, watched } from './talk.ts'

export interface ImportFlags extends SiteFlags {
  /** Name of the site. */
  readonly name?: string | undefined
  readonly out?: string | undefined
  readonly user?: string | undefined
  readonly yes?: boolean | undefined
}

interface Imported {
  readonly value: SiteDraft
  readonly comments: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}

interface Step {
  readonly id: string
  readonly verb: string
  readonly differences: readonly Difference[]
  readonly waits: readonly Difference[]
}

/** What is known of Proxmox VE's things (parts/import*.ts). */
export interface Importer {
  readonly read: ReadNode
  readonly importSite: (found: readonly Discovery[], options: { site?: string; address: string }) => Imported
  readonly withoutMistakes: (imported: Imported, file: string) => Promise<{ imported: Imported; site: Site }>
  readonly settle: (imported: Imported, site: Site, steps: readonly Step[]) => Imported | undefined
  readonly parts: readonly Part[]
}

export interface ImportWish {
  /** A name of the site file, an address, or a name of ~/.ssh/config. */
  readonly node: string
  readonly flags: ImportFlags
  readonly caller: Caller
  readonly importer: Importer
}

/** What --json tells. */
interface Document {
  readonly file: string
  readonly state: 'written' | 'same'
  readonly site: string
  readonly nodes: readonly string[]
  readonly guests: number
  readonly warnings: readonly string[]
  /** Steps of the plan right after it that would change something. */
  readonly differences: readonly string[]
}

/** pvesh starts Perl for every request: more at once make a small node slow. */
const CONCURRENCY = 4

/** Each round leaves more alone, so the second one is mostly quiet. */
const MOST_ROUNDS = 6

/**
 * Reads, writes the file, and proves by a plan that nothing of what was imported would be changed. Exit 3 where something would.
 * Errors: E_HOST_*, E_PVE_*, E_USAGE, E_CONFIRM for a file that is there, E_SITE where nothing of it can be written down.
 */
export async function importNode(wish: ImportWish): Promise<{ exit: number; document: Document }> {
  const { flags, caller, importer } = wish
  refuseName(flags.name)
  const file = resolve(flags.out ?? 'orion.yaml')
  await say({ json: caller.json || caller.events === true }, `Reading ${wish.node} over SSH …`)
  const reached = await reach(wish)
  try {
    const found = await readAll(wish, reached)
    const name = flags.name ?? reached.site
    const names = name === undefined ? {} : { site: name }
    const raw = importer.importSite(found, { ...names, address: reached.address })
    const { outside } = await openDiscovery(reached.session, reached.node)
    const settled = await settleAll(wish, withWays(raw, reached), { file, session: reached.session, outside })
    const { writeSite } = await import('../site/write.ts')
    const { imported, plan } = settled
    const text = writeSite(imported.value, { head: HEAD, comments: imported.comments, schema: schemaFor(file) })
    const differences = plan.steps.flatMap(({ verb, id }) => (verb === 'keep' ? [] : [id]))
    const asked = { yes: flags.yes, json: caller.json || caller.events === true, signal: caller.signal }
    await tellFound(wish, found, imported, plan)
    const state = await putSiteFile(file, text, asked)
    const document: Document = {
      file,
      state,
      site: imported.value.site,
      nodes: found.map(({ node }) => node),
      guests: Object.keys(imported.value.guests ?? {}).length,
      warnings: imported.warnings,
      differences,
    }
    await tellEnd(wish, document)
    return { exit: differences.length === 0 ? EXIT.ok : EXIT.differences, document }
  } finally {
    await reached.close()
  }
}

/** As the schema has it. */
const SITE_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** Before anything is read. Errors: E_USAGE. */
function refuseName(name: string | undefined): void {
  if (name === undefined || SITE_NAME.test(name)) return
  throw new OrionError('--name is not a name of letters, digits and hyphens (63 at most)', { code: 'E_USAGE' })
}

const HEAD = [
  'Made by orion bootstrap import from what was there. Guests with `adopted: true` are looked after only as far as this file',
  'says something of them: take a key out, and orion leaves it alone; change it, and orion changes the guest.',
]

/** The node first, then the others of its cluster that can be reached. */
async function readAll({ importer, caller }: ImportWish, reached: Reach): Promise<readonly Discovery[]> {
  const { first, session, node } = reached
  const { outside } = await openDiscovery(session, node)
  const others = await Promise.all(
    first.others.map(async ({ name }): Promise<Discovery | string> => {
      try {
        return await importer.read(outside, name)
      } catch (error) {
        if (!(error instanceof OrionError) || caller.signal.aborted) throw error
        return `${name} was not read, and is left out: ${error.message}`
      }
    }),
  )
  const gaps = others.filter((one) => typeof one === 'string')
  return [{ ...first, gaps: [...first.gaps, ...gaps] }, ...others.filter((one) => typeof one !== 'string')]
}

/** How SSH reached them is how it will: what was said of that stands in the file. */
function withWays(imported: Imported, { ssh }: Reach): Imported {
  const value = structuredClone(imported.value)
  for (const [name, entry] of Object.entries(value.nodes)) {
    const keys = ssh.get(name) ?? {}
    if (Object.keys(keys).length > 0) entry.ssh = keys
  }
  return { ...imported, value }
}

interface Place {
  readonly file: string
  readonly session: Session
  readonly outside: Outside
}

/** The file as it can stand, and the plan of it: what would be changed is taken out until nothing is. */
async function settleAll({ importer, caller }: ImportWish, raw: Imported, { file, session, outside }: Place) {
  const { makePlan } = await import('../engine/plan.ts')
  let now = raw
  for (let round = 1; ; round++) {
    const { imported, site } = await importer.withoutMistakes(now, file)
    const resources = importer.parts.flatMap((part) => part.resources(site, { restart: false }))
    outside.forget()
    const options = { site: site.name, partial: true, concurrency: CONCURRENCY }
    const plan: Plan = await watched({ json: caller.json, session }, (on) =>
      makePlan(resources, outside, { ...options, on }),
    )
    const next = round < MOST_ROUNDS ? importer.settle(imported, site, plan.steps) : undefined
    if (next === undefined) return { imported, plan }
    now = next
  }
}

const nameOf = (file: string): string => {
  const name = relative(process.cwd(), file)
  return name.startsWith('..') || name === '' ? file : name
}

async function tellFound({ caller }: ImportWish, found: readonly Discovery[], imported: Imported, plan: Plan) {
  const { json, events } = caller
  if (json || events) return
  await show({ json }, async (look) => {
    const { renderImport } = await import('../console/import-view.ts')
    const sizes = { nodes: found.map(({ node, version }) => ({ node, version })), ...sizesOf(imported) }
    const kept = plan.steps.filter(({ verb }) => verb === 'keep').length
    const others = plan.steps.flatMap(({ id, verb, problem }) =>
      verb === 'keep' ? [] : [`${id} ${problem?.message ?? verb}`],
    )
    return renderImport({ ...sizes, warnings: imported.warnings, kept, others }, look)
  })
}

function sizesOf({ value }: Imported) {
  const count = (part: object = {}) => Object.keys(part).length
  return {
    networks: count(value.networks),
    storages: count(value.storage),
    guests: count(value.guests),
    devices: count(value.devices),
  }
}

async function tellEnd({ caller, flags }: ImportWish, { file, state, site }: Document): Promise<void> {
  const { json } = caller
  const name = nameOf(file)
  await say(
    { json: json || caller.events === true },
    `${name} ${state === 'same' ? 'is as it was' : 'is written'} (site ${site}).`,
  )
  if (caller.events || json) return
  const { getLook, printOut } = await import('../console/output.ts')
  const { getPaint } = await import('../console/paint.ts')
  const { toCommand } = await import('./next.ts')
  const { lab = false, 'lab-dir': dir } = flags
  const command = toCommand({ site: name, lab, 'lab-dir': dir, concurrency: CONCURRENCY }, 'bootstrap plan')
  await printOut(getPaint(getLook()).cyan(`See it: ${command}`))
}
