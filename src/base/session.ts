// One run of a command: its site, its ways out (Proxmox VE or the rehearsal lab), and how it ends.

import type { Progress } from '../console/progress.ts'
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import type { ApiWish } from './api.ts'
import { connectSite } from './connection.ts'
import { embeddedSite, labDir, program, stateDir } from './paths.ts'

/** The flags that choose a site and where it lives. */
export interface SiteFlags {
  readonly site?: string | undefined
  readonly lab?: boolean | undefined
  readonly 'lab-dir'?: string | undefined
  readonly fresh?: boolean | undefined
  readonly concurrency?: number | undefined
}

export interface Session {
  readonly site: Site
  readonly outside: Outside
  /** The file where tokens and certificates are kept. */
  readonly credentials: string
  /** The same ways out, but for the API: with these tokens and certificates before all others. */
  reconnect(wish: ApiWish): Promise<Outside>
  /** Where this site's lock lives: the operator's state folder, or the lab's. */
  readonly dir: string
  /** Where the journal is kept: as `dir`, but in the lab within its folder. undefined: no journal is kept. */
  readonly journalDir?: string
  /** SHA-256 of the site file as it was read for this run. */
  readonly siteSha256?: string
  /** A node over SSH without any question to the operator. */
  quietHost?(name: string): Promise<Host>
  /** True in the rehearsal lab: nothing real is touched. */
  readonly lab: boolean
  readonly screen: Screen
  close(): Promise<void>
}

/** What is drawn on the terminal now, so that a question can be put meanwhile. */
export interface Screen {
  progress?: Progress
  /** --events: stderr is for JSON lines alone, and nobody is asked. */
  readonly events?: true
}

/** How this run is called and whether anybody can be asked. */
export interface Caller {
  /** Ends all waiting. */
  readonly signal: AbortSignal
  /** The command without its flags, e.g. `net apply`. */
  readonly command: string
  /** One JSON document is wanted: no question is asked. */
  readonly json: boolean
  /** JSON lines on stderr are wanted: no question is asked either. */
  readonly events?: true
}

/** Stands in for a missing public key in the lab; its private half was thrown away. */
export const LAB_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b rehearsal-lab'

const isLab = (flags: SiteFlags): boolean => Boolean(flags.lab || flags['lab-dir'])

/**
 * Reads the site file: --site, else ORION_SITE, else the nearest orion.yaml upward, else (lab only) the embedded ORION.
 * `draft`: public keys that are not on this machine are a warning, as nothing of it is made anywhere. Errors: E_SITE with every finding.
 */
export async function readSite(flags: SiteFlags, { draft = isLab(flags) } = {}): Promise<Site> {
  const { findSite, loadSite } = await import('../site/load.ts')
  const lab = isLab(flags)
  const file =
    flags.site || process.env.ORION_SITE || (await findSite(process.cwd())) || (lab ? embeddedSite() : undefined)
  if (file) return loadSite(file, draft ? { standInKey: LAB_KEY } : {})
  throw new OrionError('no site file: there is no orion.yaml in this folder or above it', {
    code: 'E_SITE',
    suggestions: ['name one with --site FILE', 'rehearse the embedded ORION site with --lab'],
  })
}

/** Opens the site's lab, starting its server where none runs. A fresh one only while no run holds the site: E_LOCKED. */
async function openSiteLab(site: Site, flags: SiteFlags) {
  const { openLab } = await import('../lab/lab.ts')
  const dir = labDir(site.name, flags['lab-dir'])
  const serve = [process.execPath, program(), 'lab', '--serve']
  if (!flags.fresh) return openLab({ site, dir, fresh: false, serve })
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(lockDir(dir), { site: site.name, command: 'a fresh lab' })
  try {
    return await openLab({ site, dir, fresh: true, serve })
  } finally {
    await lock.release()
  }
}

/** Beside the lab's folder and not in it, as a fresh lab empties its folder. */
const lockDir = (dir: string): string => `${dir}.locks`

/** Opens everything a command needs. */
export async function openSession(flags: SiteFlags, caller: Caller): Promise<Session> {
  if (flags.fresh && !isLab(flags)) throw new OrionError('--fresh is for the lab: add --lab', { code: 'E_USAGE' })
  return openSiteSession(await readSite(flags), flags, caller)
}

/** The same for a site that was read already, or that is no file yet. */
export async function openSiteSession(
  site: Site,
  flags: SiteFlags,
  { signal, command, json, events }: Caller,
): Promise<Session> {
  const lab = isLab(flags)
  const access = lab ? await openSiteLab(site, flags) : undefined
  const screen: Screen = events ? { events } : {}
  const questions = json || events ? NOBODY : oneByOne(screen, signal)
  const ways = await connectSite(site, {
    access,
    signal,
    command,
    ...questions,
    tell: tellBeside(screen),
    warn: json && !events ? async () => {} : tellBeside(screen),
    concurrency: flags.concurrency ?? 8,
  })
  const dirs = access
    ? { dir: lockDir(access.dir), journalDir: access.dir }
    : { dir: stateDir(site.name), journalDir: stateDir(site.name) }
  return { site, ...ways, lab, screen, ...dirs, ...(await readDigest(site)) }
}

/** Of the text as it was read a moment ago. A site that is no file has none. */
async function readDigest({ file }: Site): Promise<Pick<Session, 'siteSha256'>> {
  const { getSiteDigest } = await import('./digest.ts')
  const siteSha256 = await getSiteDigest(file).catch(() => undefined)
  return siteSha256 === undefined ? {} : { siteSha256 }
}

/** A line on stderr, with the moving view out of the way. */
function tellBeside(screen: Screen): (text: string) => Promise<void> {
  return async (text) => {
    if (screen.events) return (await import('../console/progress-events.ts')).writeMessage(text)
    const { printError } = await import('../console/output.ts')
    const resume = await screen.progress?.pause()
    await printError(text)
    resume?.()
  }
}

interface Questions {
  ask(question: string): Promise<string | undefined>
  askYes(question: string): Promise<boolean>
}

const NOBODY: Questions = { ask: async () => undefined, askYes: async () => false }

/** One question at a time, with the moving view out of the way. */
function oneByOne(screen: Screen, signal: AbortSignal): Questions {
  let before: Promise<unknown> = Promise.resolve()
  const put = async <T>(question: () => Promise<T>): Promise<T> => {
    const resume = await screen.progress?.pause()
    return await question().finally(() => resume?.())
  }
  const inTurn = <T>(question: () => Promise<T>): Promise<T> => {
    const answer = before.then(() => put(question))
    before = answer.catch(() => {})
    return answer
  }
  return {
    ask: (question) => inTurn(async () => (await import('../console/ask.ts')).askHidden(question, { signal })),
    askYes: (question) => inTurn(async () => (await import('../console/ask.ts')).askYes(question, { signal })),
  }
}
