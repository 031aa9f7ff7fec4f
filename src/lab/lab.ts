// Opens the rehearsal lab of a site: finds the process that serves it, or starts one, and says how to reach it.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import { type LabAccess, type LabFiles, labFiles } from './lab-files.ts'
import { hardwareOf } from './lab-hardware.ts'
import { lockFolder } from './lab-lock.ts'
import { ask, isAlive, stop } from './lab-process.ts'

export type { LabAccess } from './lab-files.ts'
export { hardwareOf } from './lab-hardware.ts'

export interface LabOptions {
  readonly site: Site
  /** Folder of the lab; made (0700) where it is not there. */
  readonly dir: string
  /** Begin with an empty lab: whatever it held is gone. */
  readonly fresh: boolean
  /** `8`, `9` or a whole version; default: what this lab was so far, else the newest. */
  readonly version?: string
  /** Hosts that are new have every bridge of the site already; default: what the installer leaves, vmbr0. */
  readonly built?: boolean
  /** Multiplies how long tasks take; default 1. */
  readonly pace?: number
  /** It ends by itself when nobody asked for so long; default 300. */
  readonly idleSeconds?: number
  /** Program and arguments that serve; `--lab-dir`, `--idle` and `--pace` (per cent) are added. */
  readonly serve: readonly string[]
}

const START_MS = 20_000
const IDLE_SECONDS = 300

/** What to make ready for a lab that this process will serve itself, with serveLab. */
export type LabContent = Pick<LabOptions, 'site' | 'dir' | 'fresh' | 'version' | 'built'>

/** Writes down what the lab consists of; one that runs already is ended, its state saved. Errors: E_LAB. */
export async function prepareLab({ site, dir: given, fresh, version, built = false }: LabContent): Promise<void> {
  const dir = resolve(given)
  const files = labFiles(dir)
  await prepareFolder(dir, files)
  const release = await lockFolder(dir)
  try {
    if (fresh) await emptyFolder(dir, files)
    else await stopLab(dir)
    await files.writeHardware(hardwareOf(site, version ?? (await getVersion(files)), { built }))
  } finally {
    await release()
  }
}

/** Opens the lab; two that open it at once get the same one. Errors: E_LAB. */
export async function openLab(given: LabOptions): Promise<LabAccess> {
  const options = { ...given, dir: resolve(given.dir) }
  const { dir, site, fresh, version, built = false } = options
  const files = labFiles(dir)
  await prepareFolder(dir, files)
  const release = await lockFolder(dir)
  try {
    if (fresh) await emptyFolder(dir, files)
    await files.writeHardware(hardwareOf(site, version ?? (await getVersion(files)), { built }))
    const access = await files.readAccess()
    if (access && (await isAlive(access))) {
      const { renewed } = (await ask(access, 'POST', '/lab/hardware')) as { renewed: boolean }
      // The process of an older orion serves no hosts: it gives way to ours, which goes on with its state.
      if (renewed && 'hosts' in access) return access
      await stop(access)
    }
    return await start(options, files)
  } finally {
    await release()
  }
}

/** The version that the lab of this folder simulates already; undefined for a new one. */
async function getVersion(files: LabFiles): Promise<string | undefined> {
  const hardware = await files.readHardware().catch(() => [])
  return hardware[0]?.version
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

async function start(
  { dir, serve, pace = 1, idleSeconds = IDLE_SECONDS }: LabOptions,
  files: LabFiles,
): Promise<LabAccess> {
  await files.removeAccess()
  const log = openSync(join(dir, 'lab.log'), 'a', 0o600)
  const [program = process.execPath, ...args] = serve
  const more = ['--lab-dir', dir, '--idle', String(idleSeconds), '--pace', String(Math.round(pace * 100))]
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
