// The files of a lab folder: what it is built from, its secrets, and how to reach the process that serves it.
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hardware } from './world.ts'

/** How to reach a running lab. */
export interface LabAccess {
  readonly pid: number
  readonly dir: string
  readonly clusters: Readonly<Record<string, ClusterAccess>>
  /** Address of the mirror; `?url=` asks for a sums file, `&file=` for one more name in it. */
  readonly mirror: string
  /** For the header x-lab-secret of what lies under /lab/. */
  readonly secret: string
  /** SSH of each node, as root. */
  readonly hosts: Readonly<Record<string, { readonly host: string; readonly port: number }>>
  /** The private key that every host lets in; 0600. */
  readonly identityFile: string
  /** The host keys of all hosts. */
  readonly knownHosts: string
}

interface ClusterAccess {
  readonly host: string
  readonly port: number
  /** SHA-256 of the certificate, `AA:BB:…`. */
  readonly fingerprint: string
  readonly token: { readonly id: string; readonly secret: string }
  readonly rootPassword: string
}

/** Kept between the runs of a lab. */
export interface LabSecrets {
  readonly secret: string
  readonly ticketKey: string
  readonly clusters: Record<string, { readonly tokenSecret: string; readonly rootPassword: string; port: number }>
  /** Ports of the hosts' SSH servers. */
  hosts?: Record<string, number>
}

/** Every file is 0600 and replaced as a whole. */
export interface LabFiles {
  /** Only a folder that has this file is ever emptied. */
  readonly marker: string
  world(cluster: string): string
  readHardware(): Promise<Hardware[]>
  writeHardware(hardware: readonly Hardware[]): Promise<void>
  /** undefined where no process serves, as far as the folder knows. */
  readAccess(): Promise<LabAccess | undefined>
  writeAccess(access: LabAccess): Promise<void>
  removeAccess(): Promise<void>
  /** The secrets, those of new clusters made up. */
  readSecrets(clusters: readonly string[]): Promise<LabSecrets>
  writeSecrets(secrets: LabSecrets): Promise<void>
}

export function labFiles(dir: string): LabFiles {
  const write = (name: string) => (value: unknown) => replaceFile(join(dir, name), `${JSON.stringify(value)}\n`)
  return {
    marker: join(dir, '.orion-lab'),
    world: (cluster) => join(dir, `world-${encodeURIComponent(cluster)}.json`),
    readHardware: async () => (await read<Hardware[]>(dir, 'hardware.json')) ?? [],
    writeHardware: write('hardware.json'),
    readAccess: () => read<LabAccess>(dir, 'lab.json'),
    writeAccess: write('lab.json'),
    removeAccess: () => rm(join(dir, 'lab.json'), { force: true }),
    readSecrets: async (clusters) => withClusters(await read<LabSecrets>(dir, 'secrets.json'), clusters),
    writeSecrets: write('secrets.json'),
  }
}

function withClusters(kept: LabSecrets | undefined, clusters: readonly string[]): LabSecrets {
  const secrets = kept ?? { secret: randomUUID(), ticketKey: randomBytes(32).toString('hex'), clusters: {} }
  for (const cluster of clusters) {
    const rootPassword = randomBytes(12).toString('base64url')
    secrets.clusters[cluster] ??= { tokenSecret: randomUUID(), rootPassword, port: 0 }
  }
  return secrets
}

/** undefined where the file is not there, or was cut off by a crash. */
async function read<T>(dir: string, name: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, name), 'utf8')) as T
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}
