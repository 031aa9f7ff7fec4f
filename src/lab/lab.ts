// Opens the rehearsal lab of a site: finds the process that serves it, or starts one, and says how to reach it.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import { type LabAccess, type LabFiles, labFiles } from './lab-files.ts'
import { hardwareOf } from './lab-hardware.ts'

export type { ClusterAccess, LabAccess } from './lab-files.ts'
export { hardwareOf } from './lab-hardware.ts'

export interface LabOptions {
  readonly site: Site
  /** Folder of the lab; made (0700) where it is not there. */
  readonly dir: string
  /** Begin with an empty lab: whatever it held is gone. */
  readonly fresh: boolean
  /** `8`, `9` or a whole version; default the newest. */
  readonly version?: string
  /** Multiplies how long tasks take; default 1. */
  readonly pace?: number
  /** Program and arguments that serve; `--lab-dir`, `--idle` and `--pace` (per cent) are added. */
  readonly serve: readonly string[]
}

const START_MS = 20_000
const LOCK_MS = 30_000
const IDLE_SECONDS = 300

/** Opens the lab; two that open it at once get the same one. Errors: E_LAB. */
export async function openLab(options: LabOptions): Promise<LabAccess> {
  const { dir, site, fresh, version } = options
  const files = labFiles(dir)
  await prepareFolder(dir, files)
  const release = await lockFolder(dir)
  try {
    if (fresh) await emptyFolder(dir, files)
    await files.writeHardware(hardwareOf(site, version))
    const access = await files.readAccess()
    if (access && (await isAlive(access))) {
      const { renewed } = (await ask(access, 'POST', '/lab/hardware')) as { renewed: boolean }
      if (renewed) return access
      await stop(access)
    }
    return await start(options, files)
  } finally {
    await release()
  }
}

/** The running lab of a folder, or undefined. */
export async function findLab(dir: string): Promise<LabAccess | undefined> {
  const access = await labFiles(dir).readAccess()
  return access && (await isAlive(access)) ? access : undefined
}

/** Ends the lab of a folder, its state saved; none running is success. */
export async function stopLab(dir: string): Promise<void> {
  const access = await findLab(dir)
  if (access) await stop(access)
}

async function prepareFolder(dir: string, { marker }: LabFiles): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const inside = await readdir(dir)
  if (inside.includes('.orion-lab')) return
  if (inside.length > 0) {
    throw new OrionError(`${dir} is no lab of orion: it holds other files`, {
      code: 'E_LAB',
      suggestions: ['name an empty or a new folder with --lab-dir'],
    })
  }
  await writeFile(marker, 'This folder holds a rehearsal lab of orion; --fresh empties it.\n', { mode: 0o600 })
}

/** Stops the lab and removes everything but the marker and the lock. */
async function emptyFolder(dir: string, files: LabFiles): Promise<void> {
  const access = await files.readAccess()
  if (access && (await isAlive(access))) await stop(access)
  for (const name of await readdir(dir)) {
    if (name !== '.orion-lab' && !name.startsWith('lock')) await rm(join(dir, name), { recursive: true, force: true })
  }
}

/** One opener at a time; the lock of one that died is taken over. */
async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const file = join(dir, 'lock')
  const endMs = Date.now() + LOCK_MS
  for (;;) {
    const handle = await open(file, 'wx', 0o600).catch(() => undefined)
    if (handle) {
      await handle.writeFile(String(process.pid))
      await handle.close()
      return () => rm(file, { force: true })
    }
    await removeStale(file)
    if (Date.now() > endMs) {
      throw new OrionError(`another process has been opening the lab in ${dir} for too long`, {
        code: 'E_LAB',
        suggestions: [`remove ${file} if none is running`],
      })
    }
    await sleep(30)
  }
}

// Under a lock of its own: of two that find the dead one's lock, one removes it, and never the other's new one.
async function removeStale(file: string): Promise<void> {
  if (!(await isStale(file))) return
  const takeover = `${file}.takeover`
  const handle = await open(takeover, 'wx', 0o600).catch(() => undefined)
  if (!handle) {
    if ((await ageMs(takeover)) > 5000) await rm(takeover, { force: true })
    return
  }
  await handle.close()
  if (await isStale(file)) await rm(file, { force: true })
  await rm(takeover, { force: true })
}

async function isStale(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''))
  // An empty file is one that is being written; after a second it is one whose writer died.
  return pid > 0 ? !isRunning(pid) : (await ageMs(file)) > 1000
}

async function ageMs(file: string): Promise<number> {
  const known = await stat(file).catch(() => undefined)
  return known ? Date.now() - known.mtimeMs : 0
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function start({ dir, serve, pace = 1 }: LabOptions, files: LabFiles): Promise<LabAccess> {
  await files.removeAccess()
  const log = openSync(join(dir, 'lab.log'), 'a', 0o600)
  const [program = process.execPath, ...args] = serve
  const more = ['--lab-dir', dir, '--idle', String(IDLE_SECONDS), '--pace', String(Math.round(pace * 100))]
  const child = spawn(program, [...args, ...more], { detached: true, stdio: ['ignore', log, log], cwd: '/' })
  closeSync(log)
  let ended: string | undefined
  child.on('error', (error) => {
    ended = error.message
  })
  child.on('exit', (code) => {
    ended ??= `it ended with code ${code}`
  })
  child.unref()
  const endMs = Date.now() + START_MS
  while (ended === undefined && Date.now() < endMs) {
    const access = await files.readAccess()
    if (access && (await isAlive(access))) return access
    await sleep(20)
  }
  throw await startError(dir, ended ?? `it did not answer within ${START_MS / 1000} s`)
}

async function startError(dir: string, why: string): Promise<OrionError> {
  const log = await readFile(join(dir, 'lab.log'), 'utf8').catch(() => '')
  const tail = log.trim().split('\n').slice(-5).join('\n')
  return new OrionError(`the lab in ${dir} could not be started: ${why}${tail && `\n${tail}`}`, {
    code: 'E_LAB',
    suggestions: [`read ${join(dir, 'lab.log')}`],
  })
}

async function stop(access: LabAccess): Promise<void> {
  await ask(access, 'POST', '/lab/close').catch(() => undefined)
  const endMs = Date.now() + 10_000
  while (isRunning(access.pid) && access.pid !== process.pid && Date.now() < endMs) await sleep(20)
}

async function isAlive(access: LabAccess): Promise<boolean> {
  if (!isRunning(access.pid)) return false
  const status = (await ask(access, 'GET', '/lab/status').catch(() => undefined)) as { pid?: number } | undefined
  return status?.pid === access.pid
}

/** One request to the /lab/ endpoints, over a connection that only the lab's own certificate opens. */
async function ask(access: LabAccess, method: string, path: string): Promise<unknown> {
  const cluster = Object.values(access.clusters)[0]
  const { cert } = JSON.parse(await readFile(join(access.dir, 'certificate.json'), 'utf8')) as { cert: string }
  const text = await new Promise<string>((resolve, reject) => {
    const options = { host: cluster?.host, port: cluster?.port, method, path, ca: cert, agent: false, timeout: 5000 }
    const asked = request({ ...options, headers: { 'x-lab-secret': access.secret } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
      response.on('error', reject)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', reject)
    asked.end()
  })
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}
