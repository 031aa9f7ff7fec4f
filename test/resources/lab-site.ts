// A site in the rehearsal lab, served inside the test's own process and reached as orion reaches Proxmox VE.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeHosts } from '../../src/base/hosts.ts'
import { applyPlan } from '../../src/engine/apply.ts'
import { makePlan, type Plan } from '../../src/engine/plan.ts'
import type { Report } from '../../src/engine/report.ts'
import { hardwareOf } from '../../src/lab/lab.ts'
import { labFiles } from '../../src/lab/lab-files.ts'
import { sumsText } from '../../src/lab/mirror.ts'
import { type Lab, serveLab } from '../../src/lab/serve.ts'
import { connectPve } from '../../src/pve/connect.ts'
import type { Outside, Resource } from '../../src/resource.ts'
import type { Site } from '../../src/site/site.ts'

export interface LabSite {
  readonly lab: Lab
  /** Connected as the lab's administrator; what `keep` gets is used by `asOwnToken`. */
  readonly outside: Outside
  /** Connected as the token that the access part has made. */
  asOwnToken(): Outside
  /** `PUT /nodes/r730/qemu/200/config`, of every connection. */
  readonly requests: string[]
  close(): Promise<void>
}

/** Tasks end at once, unless `pace` says otherwise. Call close(), also after a failure. */
export async function openLabSite(site: Site, version?: string, pace = 0): Promise<LabSite> {
  const dir = await mkdtemp(join(tmpdir(), 'orion-lab-'))
  const hardware = hardwareOf(site, version, { built: true })
  await labFiles(dir).writeHardware(hardware)
  const lab = await serveLab({ dir, pace })
  const requests: string[] = []
  const kept = new Map<string, { id: string; secret: string }>()
  const open: Outside[] = []
  const { signal } = new AbortController()
  const nobody = async () => undefined
  const secret = async () => 'rehearsal'
  const hosts = makeHosts(site, {
    access: lab.access,
    signal,
    command: 'test',
    secret,
    ask: nobody,
    askYes: async () => false,
  })
  const connect = (token: (cluster: string) => { id: string; secret: string }): Outside => {
    const clusters = site.clusters.map(({ name }) => {
      const { host, port, fingerprint } = at(lab.access.clusters, name)
      const nodes = site.nodes.filter(({ cluster }) => cluster === name).map((node) => node.name)
      return {
        name,
        nodes,
        endpoints: [{ host, port, fingerprint }],
        credentials: async () => ({ kind: 'token' as const, ...token(name) }),
      }
    })
    const pve = connectPve({ clusters, signal, record: ({ method, path }) => void requests.push(`${method} ${path}`) })
    const text = async (url: string) => sumsText(url, hardware) ?? ''
    const outside = {
      pve,
      signal,
      text,
      secret,
      keep: async (cluster: string, one: { id: string; secret: string }) => void kept.set(cluster, one),
      host: hosts.host,
      forget: () => {
        pve.forget()
        hosts.forget()
      },
    }
    open.push(outside)
    return outside
  }
  return {
    lab,
    outside: connect((name) => at(lab.access.clusters, name).token),
    asOwnToken: () => connect((name) => kept.get(name) ?? { id: 'none@pve!none', secret: '' }),
    requests,
    close: async () => {
      for (const { pve } of open) await pve.close()
      await hosts.close()
      await lab.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function at<T>(record: Readonly<Record<string, T>>, name: string): T {
  const value = record[name]
  if (value === undefined) throw new Error(`the lab has no ${name}`)
  return value
}

const LIMITS = { concurrency: 8, perPlace: 4 }

export function planAll(resources: readonly Resource[], outside: Outside): Promise<Plan> {
  outside.forget()
  return makePlan(resources, outside, { site: 'lab', partial: true, ...LIMITS })
}

export async function applyAll(resources: readonly Resource[], outside: Outside): Promise<Report> {
  return await applyPlan(await planAll(resources, outside), resources, outside, LIMITS)
}

/** `verb id field have→want, …` of every step that is not kept. */
export function changes({ steps }: Plan): readonly string[] {
  const left = steps.filter(({ verb }) => verb !== 'keep')
  return left.map(({ verb, id, differences, problem }) => {
    const fields = differences.map(({ field, have = '-', want = '-' }) => `${field} ${have}→${want}`)
    return [verb, id, fields.join(', '), problem?.message ?? ''].filter((part) => part !== '').join(' ')
  })
}
