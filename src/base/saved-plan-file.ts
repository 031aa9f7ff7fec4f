// The file of a saved plan: what stands in it, written with a digest, and read back with every doubt.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Plan } from '../engine/plan.ts'
import { OrionError } from '../errors.ts'
import { digestOf } from './digest.ts'
import type { FlowFlags } from './flow.ts'
import { type OutFile, writeOut } from './out-file.ts'

/** The flags that a plan depends on: they are kept with it, and are not given again. */
export type KeptFlags = Pick<FlowFlags, (typeof LISTS)[number] | (typeof SWITCHES)[number] | 'reboot'>
const LISTS = ['only', 'node', 'gateway'] as const
const SWITCHES = ['restart', 'accept-irr'] as const
export const KEPT_FLAGS = [...LISTS, ...SWITCHES, 'reboot'] as const

export interface SavedPlan {
  readonly format: 'orion-plan'
  /** Of the format. */
  readonly version: number
  /** The version of orion that made it. */
  readonly orion: string
  /** ISO 8601, UTC. */
  readonly made: string
  /** The command that carries it out: `vm apply`. */
  readonly command: string
  readonly flags: KeptFlags
  readonly lab: boolean
  /** `file` is absolute, where it was made; `sha256` of its bytes. */
  readonly site: { readonly name: string; readonly file: string; readonly sha256: string }
  readonly plan: Plan
}

export const FORMAT_VERSION = 1

/** Larger is no plan of any site. */
const MAX_BYTES = 64 * 1024 * 1024

/** What `--out` names. */
export const toOutFile = (path: string): OutFile => ({
  path,
  what: 'saved plan of orion',
  isOurs: (beginning) => /^\{\s*"format":\s*"orion-plan"/.test(beginning),
})

/** Only what a plan depends on, and only what was given. */
export function keepFlags(flags: FlowFlags): KeptFlags {
  const { only, node, gateway, restart, reboot } = flags
  return {
    ...(only ? { only } : {}),
    ...(node ? { node } : {}),
    ...(gateway ? { gateway } : {}),
    ...(restart ? { restart } : {}),
    ...(flags['accept-irr'] ? { 'accept-irr': true } : {}),
    ...(reboot === undefined ? {} : { reboot }),
  }
}

/** Writes it for its owner alone (0600). Errors: E_USAGE. */
export async function writeSavedPlan(path: string, saved: SavedPlan): Promise<void> {
  await writeOut(path, `${JSON.stringify({ ...saved, sha256: digestOf(saved) }, null, 2)}\n`, 0o600)
}

/** Errors: E_USAGE for a file that is none, E_PLAN_STALE for one that was edited, or of another format. */
export async function readSavedPlan(path: string): Promise<SavedPlan> {
  const document = toObject(await readText(path))
  if (document?.format !== 'orion-plan') throw noPlan(path, 'it is no saved plan of orion')
  if (document.version !== FORMAT_VERSION) throw otherFormat(path, document.version)
  const { sha256, ...saved } = document
  if (sha256 !== digestOf(saved)) throw edited(path, 'its digest does not fit what is in it')
  if (!isSavedPlan(saved)) throw edited(path, 'it is not as orion writes it')
  return saved
}

async function readText(path: string): Promise<string> {
  let file: FileHandle | undefined
  try {
    // Not blocking, in case somebody put a pipe there.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await file.stat()
    if (!found.isFile() || found.size > MAX_BYTES) throw noPlan(path, 'it is no plain file, or too large')
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof OrionError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw noPlan(path, 'there is no such file')
    throw noPlan(path, error instanceof Error ? error.message : String(error))
  } finally {
    await file?.close()
  }
}

function toObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isOptional = (value: unknown, is: (one: unknown) => boolean): boolean => value === undefined || is(value)

/** A digest that fits proves nothing of the shape: anybody can make one. */
function isSavedPlan(saved: unknown): saved is SavedPlan {
  if (!isObject(saved)) return false
  const { orion, made, command, flags, lab, site, plan } = saved
  const heads = [orion, made, command].every(isText) && typeof lab === 'boolean'
  return heads && isObject(flags) && areFlags(flags) && isObject(site) && isSite(site) && isObject(plan) && isPlan(plan)
}

function areFlags(flags: Readonly<Record<string, unknown>>): boolean {
  return (
    Object.keys(flags).every((name) => KEPT_FLAGS.some((kept) => kept === name)) &&
    LISTS.every((name) => isOptional(flags[name], isTexts)) &&
    SWITCHES.every((name) => isOptional(flags[name], (value) => typeof value === 'boolean')) &&
    isOptional(flags.reboot, (value) => value === 'now' || value === 'window' || value === 'never')
  )
}

const isSite = ({ name, file, sha256 }: Readonly<Record<string, unknown>>): boolean =>
  [name, file, sha256].every(isText)

function isPlan({ site, steps }: Readonly<Record<string, unknown>>): boolean {
  const isStep = (step: unknown): boolean =>
    isObject(step) &&
    [step.id, step.title, step.verb].every(isText) &&
    [step.differences, step.waits].every((list) => Array.isArray(list) && list.every(isObject)) &&
    isTexts(step.needs)
  return isText(site) && Array.isArray(steps) && steps.every(isStep)
}

function noPlan(path: string, why: string): OrionError {
  return new OrionError(`${path} cannot be applied: ${why}`, {
    code: 'E_USAGE',
    suggestions: ['a plan is saved by any plan command with --out FILE'],
  })
}

function otherFormat(path: string, version: unknown): OrionError {
  const known = `this orion knows format ${FORMAT_VERSION}`
  return new OrionError(`${path} is a saved plan of format ${Number(version)}, and ${known}; nothing was changed`, {
    code: 'E_PLAN_STALE',
    suggestions: ['plan anew, with the orion that applies it'],
  })
}

function edited(path: string, why: string): OrionError {
  return new OrionError(`${path} was edited, or damaged, after it was saved (${why}); nothing was changed`, {
    code: 'E_PLAN_STALE',
    suggestions: ['change the site file instead, and plan anew with --out FILE'],
  })
}
