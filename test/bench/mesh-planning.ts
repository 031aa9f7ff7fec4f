// Plans a full mesh in a process of its own and tells on stdout what it took: `mesh-planning.ts GATEWAYS FOLDER`. Hosts answer at once.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePlan, type PlanStep } from '../../src/engine/plan.ts'
import { getMesh } from '../../src/parts/mesh/model.ts'
import { meshSets } from '../../src/parts/mesh/sets.ts'
import { meshOf } from '../../src/parts/mesh.ts'
import type { Outside } from '../../src/resource.ts'
import { type HostFacts, NOTHING, readFacts } from '../../src/resources/host-facts.ts'
import { loadSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { type FakeHost, fakeHost, file } from '../resources/fake-host.ts'
import { gatewayName, largeMesh, SITE } from './large-mesh.ts'

export interface Told {
  /** From the text of the site file to the whole plan, where nothing is there yet, and where everything is. */
  readonly ms: { readonly nothing: number; readonly everything: number }
  readonly peakMb: number
  readonly links: number
  /** What one more gateway changes on those that are there, by file: how many are new, how many are others. */
  readonly touched: Readonly<Record<string, { readonly made: number; readonly changed: number }>>
}

const sha = (text: string): string => createHash('sha256').update(text).digest('base64')
/** As long as a public key of ML-DSA-65. */
const IDENTITY = Buffer.alloc(1974, 'identity').toString('base64')

/** A host with its keys, as its own programs tell of them. */
function hostOf(name: string): FakeHost {
  const said = (argv: readonly string[]) => {
    const links = argv.slice(4).map((end) => `${end} ${sha(`${name} ${end}`)}\n`)
    return `${links.join('')}identity ${IDENTITY}\n`
  }
  return fakeHost({
    name,
    programs: { 'node-name': name, 'orion-mesh-public': (argv) => said(argv) },
  })
}

function outsideOf(hosts: Map<string, FakeHost>): Outside {
  const first = hostOf(gatewayName(1))
  return {
    ...first.outside,
    forget: () => {
      for (const { host } of hosts.values()) host.forget()
    },
    host: async (name) => {
      const found = hosts.get(name) ?? hostOf(name)
      hosts.set(name, found)
      return found.host
    },
  }
}

async function load(folder: string, count: number): Promise<Site> {
  const path = join(folder, `mesh-${count}.yaml`)
  writeFileSync(path, largeMesh(count))
  return loadSite(path)
}

const planOf = async (site: Site, outside: Outside): Promise<readonly PlanStep[]> =>
  (
    await makePlan(meshOf({ alone: true }).resources(site, { restart: false }), outside, {
      site: SITE,
      concurrency: 16,
    })
  ).steps

/** Puts onto every host what the site wants of it, as an apply would. */
async function put(site: Site, outside: Outside, hosts: ReadonlyMap<string, FakeHost>): Promise<void> {
  for (const sets of meshSets(site).values())
    for (const set of sets) {
      const names = Object.keys(set.others ?? {})
      const rows = names.map(
        async (name) => [name, await readFacts(await outside.host(name), set.others?.[name] ?? {})] as const,
      )
      const own = await readFacts(await outside.host(set.host), set.wish)
      const seen: HostFacts = { ...NOTHING, ...own, others: new Map(await Promise.all(rows)) }
      for (const { path, text, mode } of set.files(seen))
        if (text !== undefined) hosts.get(set.host)?.files.set(path, file(text, mode))
    }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** By the file's name in general, what a plan makes anew and what it changes of what is there. */
function touchedBy(steps: readonly PlanStep[], except: string): Told['touched'] {
  const touched: Record<string, { made: number; changed: number }> = {}
  for (const { id, differences } of steps) {
    if (id.includes(`:${except}/`)) continue
    for (const { field, have } of differences.filter((one) => one.field.startsWith('/'))) {
      const kind = field.replace(/[^/]*g\d{3}/, '*')
      const row = touched[kind] ?? { made: 0, changed: 0 }
      touched[kind] =
        have === undefined || have === 'absent' ? { ...row, made: row.made + 1 } : { ...row, changed: row.changed + 1 }
    }
  }
  return touched
}

const peak = (): number => Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024

const [, , count = '200', folder = '.'] = process.argv
const gateways = Number(count)
const hosts = new Map<string, FakeHost>()
const outside = outsideOf(hosts)
const nothing = await timed(async () => planOf(await load(folder, gateways), outside))
// Before the hosts, which are in this process, too, hold anything.
const peakMb = peak()
await put(await load(folder, gateways), outside, hosts)
outside.forget()
const everything = await timed(async () => planOf(await load(folder, gateways), outside))
outside.forget()
const touched = touchedBy(await planOf(await load(folder, gateways + 1), outside), gatewayName(gateways + 1))
const links = getMesh(await load(folder, gateways)).links.length
const told: Told = { ms: { nothing, everything }, peakMb, links, touched }
process.stdout.write(`${JSON.stringify(told)}\n`)
