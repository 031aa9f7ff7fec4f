// The serving process of a lab: opens its clusters, says how to reach them, and ends when nobody asks any more.
import { OrionError } from '../errors.ts'
import { labCertificate } from './certificate.ts'
import type { Faults } from './faults.ts'
import type { HostFaults } from './host/host-faults.ts'
import { type HostRecord, type ServedHosts, serveHosts } from './host/serve-hosts.ts'
import { type LabAccess, type LabFiles, type LabSecrets, labFiles } from './lab-files.ts'
import { lockServing } from './lab-lock.ts'
import { closeCluster, openCluster, type ServedCluster } from './serve-cluster.ts'
import type { RequestRecord } from './server.ts'

export interface ServeOptions {
  readonly dir: string
  /** Ends after so long without a request and without a running task; absent = never by itself. */
  readonly idleSeconds?: number
  /** Multiplies how long tasks take; 1 = a few hundred milliseconds each, 0 = none. */
  readonly pace?: number
  /** Sees every request to the API, secrets masked. */
  readonly record?: (entry: RequestRecord) => void
  /** Sees every connection and every command that comes to a host over SSH. */
  readonly recordHost?: (entry: HostRecord) => void
}

export interface Lab {
  readonly access: LabAccess
  /** Faults by the name of the cluster. */
  readonly faults: Readonly<Record<string, Faults>>
  /** Faults of all hosts. */
  readonly hostFaults: HostFaults
  /** Saves the state and ends; the ports are free afterwards. */
  close(): Promise<void>
  /** Resolves when the lab has ended, by close() or by itself. */
  readonly closed: Promise<void>
}

/** Serves the lab in `dir`, whose hardware.json openLab has written. Errors: E_LAB without one; those of files and ports. */
export async function serveLab(options: ServeOptions): Promise<Lab> {
  const release = await lockServing(options.dir)
  try {
    return await open(options, release)
  } catch (error) {
    await release()
    throw error
  }
}

async function open(options: ServeOptions, release: () => Promise<void>): Promise<Lab> {
  const files = labFiles(options.dir)
  const hardware = await files.readHardware()
  if (hardware.length === 0) {
    throw new OrionError(`${options.dir} says nothing of any cluster`, {
      code: 'E_LAB',
      suggestions: ['open it with --lab'],
    })
  }
  const secrets = await files.readSecrets(hardware.map(({ cluster }) => cluster))
  const certificate = await labCertificate(options.dir)
  const clusters: ServedCluster[] = []
  const hosts: { served?: ServedHosts } = {}
  const ending = makeEnding(clusters, hosts, files, release)
  const control = { files, secrets, clusters, hosts, close: ending.close }
  for (const part of hardware) clusters.push(await openCluster(part, options, certificate, control))
  const served = await serveHosts(options.dir, clusters, certificate, secrets, options.recordHost)
  hosts.served = served
  const access = accessOf(options.dir, secrets, certificate.fingerprint, clusters, served)
  await files.writeSecrets(secrets)
  await files.writeAccess(access)
  ending.watch(options.idleSeconds)
  const faults = Object.fromEntries(clusters.map((cluster) => [cluster.name, cluster.faults]))
  return { access, faults, hostFaults: served.faults, close: ending.close, closed: ending.closed }
}

interface Ending {
  close(): Promise<void>
  readonly closed: Promise<void>
  watch(idleSeconds: number | undefined): void
}

/** One end for all who ask for it: close(), the /lab/close endpoint, and idleness. */
function makeEnding(
  clusters: readonly ServedCluster[],
  hosts: { readonly served?: ServedHosts },
  files: LabFiles,
  release: () => Promise<void>,
): Ending {
  let resolveClosed = () => {}
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve
  })
  let timer: NodeJS.Timeout | undefined
  let closing: Promise<void> | undefined
  const shutDown = async () => {
    clearInterval(timer)
    await files.removeAccess()
    try {
      // The hosts first: what they still do changes their world.
      await hosts.served?.close()
      await Promise.all(clusters.map(closeCluster))
    } finally {
      await release()
    }
  }
  const close = () => {
    closing ??= shutDown().finally(resolveClosed)
    // Who does not wait can do nothing about a failed save; the next start reads the last good one.
    closing.catch(() => undefined)
    return closing
  }
  const watch = (idleSeconds: number | undefined) => {
    if (idleSeconds === undefined) return
    const everyMs = Math.max(50, Math.min(1000, (idleSeconds * 1000) / 4))
    timer = setInterval(() => {
      if (isIdle(clusters, idleSeconds) && !hosts.served?.isBusy()) void close()
    }, everyMs)
  }
  return { close, closed, watch }
}

function isIdle(clusters: readonly ServedCluster[], idleSeconds: number): boolean {
  const latestMs = Math.max(...clusters.map(({ lastMs }) => lastMs))
  const tasks = clusters.flatMap(({ world }) => Object.values(world.state.tasks))
  return Date.now() - latestMs > idleSeconds * 1000 && tasks.every((task) => task.endMs !== undefined)
}

function accessOf(
  dir: string,
  secrets: LabSecrets,
  fingerprint: string,
  clusters: readonly ServedCluster[],
  { access: hosts, identityFile, knownHosts }: ServedHosts,
): LabAccess {
  const entries = clusters.map(({ name, port }) => {
    const own = secrets.clusters[name]
    const token = { id: 'root@pam!lab', secret: own?.tokenSecret ?? '' }
    return [name, { host: '127.0.0.1', port, fingerprint, token, rootPassword: own?.rootPassword ?? '' }] as const
  })
  const mirror = `https://127.0.0.1:${clusters[0]?.port}/lab/mirror`
  const own = { pid: process.pid, dir, clusters: Object.fromEntries(entries), mirror, secret: secrets.secret }
  return { ...own, hosts, identityFile, knownHosts }
}
