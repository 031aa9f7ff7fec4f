// A lab inside the test process, in a folder of its own: orion finds it there as if another process served it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HostRecord } from '../../src/lab/host/serve-hosts.ts'
import { labFiles } from '../../src/lab/lab-files.ts'
import { hardwareOf } from '../../src/lab/lab-hardware.ts'
import { type Lab, serveLab } from '../../src/lab/serve.ts'
import type { RequestRecord } from '../../src/lab/server.ts'
import type { Hardware } from '../../src/lab/world.ts'
import { loadSite } from '../../src/site/load.ts'
import { type Access, certificateOf, makeReader } from './lab-client.ts'

const site = (name: string) => fileURLToPath(new URL(`../../templates/sites/${name}.yaml`, import.meta.url))
export const ORION_SITE = site('orion')
export const HIVE_SITE = site('hive')

/** Stands in for the public keys that a site file names and this machine does not have. */
export const STAND_IN_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b test'

/** The node of a lab without a site file. */
export const NODE = 'n1'
/** A container template that lies on it. */
export const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst'

const PLAIN: Hardware = {
  cluster: 'plain',
  version: '9.1.4',
  nodes: [{ name: NODE, threads: 16, memoryMib: 65_536, bridges: ['vmbr0', 'vmbr1'] }],
  storage: [],
  volumes: [TEMPLATE],
}

export interface RehearsalOptions {
  /** Site file; without one the lab is a single plain node. */
  readonly site?: string
  /** The hosts have every bridge of the site already; default true. */
  readonly built?: boolean
  /** Multiplies how long tasks take; default 0.2. */
  readonly pace?: number
  /** Sees every connection and every command that comes to a host over SSH. */
  recordHost?(entry: HostRecord): void
  /** Called with the empty folder before the lab serves it. */
  prepare?(dir: string): Promise<void>
}

export interface Rehearsal {
  /** What --lab-dir names. */
  readonly dir: string
  /** The first cluster of the site. */
  readonly access: Access
  /** File with the certificate to trust, PEM. */
  readonly ca: string
  /** Every request to the API since the beginning, those of `get` excepted. */
  readonly records: readonly RequestRecord[]
  readonly lab: Lab
  /** `data` of a GET with the lab's token. */
  get<T = unknown>(path: string): Promise<T>
  /** Ends the lab and removes its folder. */
  close(): Promise<void>
}

async function hardware({ site, built = true }: RehearsalOptions): Promise<Hardware[]> {
  return site === undefined
    ? [PLAIN]
    : hardwareOf(await loadSite(site, { standInKey: STAND_IN_KEY }), undefined, { built })
}

/** Starts a fresh lab. Whoever starts it closes it, also when the test fails. */
export async function startRehearsal(options: RehearsalOptions = {}): Promise<Rehearsal> {
  const parent = mkdtempSync(join(tmpdir(), 'orion-rehearsal-'))
  const dir = join(parent, 'lab')
  const remove = () => rmSync(parent, { recursive: true, force: true })
  try {
    const files = labFiles(dir)
    const { mkdir } = await import('node:fs/promises')
    await mkdir(dir, { mode: 0o700 })
    writeFileSync(files.marker, '')
    await files.writeHardware(await hardware(options))
    await options.prepare?.(dir)
    return await serve(dir, join(parent, 'ca.pem'), options, remove)
  } catch (error) {
    remove()
    throw error
  }
}

async function serve(
  dir: string,
  ca: string,
  { pace = 0.2, recordHost = () => undefined }: RehearsalOptions,
  remove: () => void,
): Promise<Rehearsal> {
  const records: RequestRecord[] = []
  let own = 0
  const lab = await serveLab({ dir, pace, recordHost, record: (entry) => void (own > 0 || records.push(entry)) })
  const [access] = Object.values(lab.access.clusters)
  if (!access) throw new Error('the lab has no cluster')
  const certificate = await certificateOf(access)
  writeFileSync(ca, certificate)
  const reader = makeReader(access, certificate)
  return {
    dir,
    access,
    ca,
    records,
    lab,
    get: async <T>(path: string) => {
      own += 1
      return reader.get<T>(path).finally(() => {
        own -= 1
      })
    },
    close: async () => {
      reader.close()
      await lab.close()
      remove()
    },
  }
}

/** What a client is told: where, who, and which certificate to trust. */
export function clientEnvironment({ access, ca }: Rehearsal): Record<string, string> {
  return {
    LAB_HOST: access.host,
    LAB_PORT: String(access.port),
    LAB_TOKEN_ID: access.token.id,
    LAB_TOKEN_SECRET: access.token.secret,
    LAB_CA: ca,
    LAB_NODE: NODE,
    LAB_TEMPLATE: TEMPLATE,
    REQUESTS_CA_BUNDLE: ca,
  }
}
