// Saved plans: kept by `plan --out FILE`, and carried out by `apply FILE` only where nothing has changed since.
import { access } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { clean, getLabel } from '../console/text.ts'
import type { Plan, PlanStep } from '../engine/plan.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Difference } from '../resource.ts'
import { getSiteDigest } from './digest.ts'
import type { FlowFlags, Work } from './flow.ts'
import { getApply, quote, showNext } from './next.ts'
import { refuseOtherFile } from './out-file.ts'
import {
  FORMAT_VERSION,
  KEPT_FLAGS,
  keepFlags,
  readSavedPlan,
  type SavedPlan,
  toOutFile,
  writeSavedPlan,
} from './saved-plan-file.ts'
import type { Session } from './session.ts'
import { say } from './talk.ts'
import { getVersion } from './version.ts'

/** So many steps that differ are named. */
const MOST_NAMED = 5

type Keep = (plan: Plan, exit: number) => Promise<{ readonly saved?: string }>

/**
 * Looks whether a plan can be saved there, before it is made; what it gives saves it once it was shown. A plan with problems
 * is not saved, as it could not be applied. Errors: E_USAGE for a file that is something else, or cannot be written.
 */
export async function prepareSave(work: Work, path: string): Promise<Keep> {
  await refuseOtherFile(toOutFile(path))
  return async (plan, exit) => {
    if (exit !== EXIT.ok && exit !== EXIT.differences) {
      await say(work, `Not saved: a plan with problems cannot be applied.`)
      return {}
    }
    await savePlan(work, plan, path)
    await say(work, `Saved: ${path}`)
    const { lab, 'lab-dir': dir, site, concurrency } = work.flags
    const flags = { lab, 'lab-dir': dir, site, concurrency }
    if (exit === EXIT.differences)
      await showNext({ ...work, flags }, 'Do exactly this', `${toApply(getApply(work.command))} ${quote(path)}`)
    return { saved: path }
  }
}

/** `bootstrap` takes no file: that would be the name of a command of its topic. */
const toApply = (command = ''): string => (command === 'bootstrap' ? 'bootstrap apply' : command)

async function savePlan({ session, flags, command }: Work, plan: Plan, path: string): Promise<void> {
  const { name, file } = session.site
  await writeSavedPlan(path, {
    format: 'orion-plan',
    version: FORMAT_VERSION,
    orion: await getVersion(),
    made: new Date().toISOString(),
    command: getApply(command) ?? command,
    flags: keepFlags(flags),
    lab: session.lab,
    site: { name, file: resolve(file), sha256: await getSiteDigest(file) },
    plan,
  })
}

/**
 * The flags of an apply command with those of the saved plan, and the plan itself. The site is the plan's unless another is
 * chosen. Errors: E_USAGE for a file that is none, or flags that the plan has; E_PLAN_STALE for one that is not for this run.
 */
export async function resume<Flags extends FlowFlags>(
  path: string,
  command: string,
  flags: Flags,
): Promise<Flags & { readonly saved: SavedPlan }> {
  const saved = await readSavedPlan(path)
  const wanted = getApply(command) ?? command
  if (saved.command !== wanted) throw otherCommand(path, saved.command, wanted)
  const version = await getVersion()
  if (toSeries(saved.orion) !== toSeries(version)) throw otherVersion(path, saved.orion, version)
  const isLab = Boolean(flags.lab || flags['lab-dir'])
  if (saved.lab !== isLab) throw otherWorld(path, saved.lab)
  refuseFlags(path, keepFlags(flags), saved.flags)
  if (flags.fresh) throw refuseFlag(path, '--fresh', 'a plan of what is there means nothing to an empty lab')
  const site = flags.site || process.env.ORION_SITE ? {} : await toSiteFlag(saved)
  return { ...flags, ...saved.flags, ...site, saved }
}

/** Before anything is looked at. Errors: E_PLAN_STALE where the site, or the text of its file, is another one. */
export async function refuseOtherSite({ site, made }: SavedPlan, session: Session): Promise<void> {
  const here = session.site
  const isSame = here.name === site.name && (await getSiteDigest(here.file)) === site.sha256
  if (isSame) return
  const why =
    here.name === site.name
      ? `the site file ${toName(here.file)} is not the text that it was made from`
      : `it is of the site ${site.name}, and ${toName(here.file)} is ${here.name}`
  throw stale(made, `${why}; nothing was changed`, [
    'plan anew with --out FILE, or name the site file of that plan with --site FILE',
  ])
}

/** Errors: E_PLAN_STALE naming the first steps that are not as they were saved. */
export function refuseChanged({ plan, made }: SavedPlan, now: Plan): void {
  const changes = getChanges(plan, now)
  if (changes.length === 0) return
  const named = changes.slice(0, MOST_NAMED).map((line) => `  ${line}`)
  const more = changes.length - named.length
  const lines = [...named, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n')
  throw stale(made, `what is there has changed since, and nothing was done:\n${lines}`, [
    'plan anew with --out FILE, look at it, and apply that one',
  ])
}

/** One line for each step that would do something else now than was saved; what waits is not done, and does not count. */
export function getChanges(saved: Plan, now: Plan): readonly string[] {
  if (saved.goal !== now.goal) return [`the goal: saved ${saved.goal}, now ${now.goal}`]
  const [before, after] = [toSteps(saved), toSteps(now)]
  const ids = [...new Set([...before.keys(), ...after.keys()])]
  return ids.flatMap((id) => getChange(before.get(id), after.get(id)))
}

const toSteps = ({ steps }: Plan): ReadonlyMap<string, PlanStep> => new Map(steps.map((step) => [step.id, step]))

function getChange(saved: PlanStep | undefined, now: PlanStep | undefined): readonly string[] {
  const step = now ?? saved
  if (!step) return []
  const label = getLabel(step)
  if (saved?.verb !== now?.verb) return [`${label}: saved ${toWord(saved)}, now ${toWord(now)}`]
  const fields = getFields(saved?.differences ?? [], now?.differences ?? [])
  if (fields.length > 0) return [`${label}: another change of ${fields.join(', ')}`]
  if (saved?.precaution !== now?.precaution) return [`${label}: ${clean(now?.precaution ?? 'no snapshot')}`]
  const isSameOrder = [...(saved?.needs ?? [])].sort().join() === [...(now?.needs ?? [])].sort().join()
  return isSameOrder ? [] : [`${label}: it waits for other steps than before`]
}

const WORDS = { create: 'create', update: 'change', keep: 'as wanted', remove: 'remove', problem: 'a problem' } as const

const toWord = (step: PlanStep | undefined): string => (step ? WORDS[step.verb] : 'not in the plan')

/** The fields whose change is another one than was saved. */
function getFields(saved: readonly Difference[], now: readonly Difference[]): readonly string[] {
  const toKey = ({ hint: _, ...rest }: Difference): string => JSON.stringify(Object.entries(rest).sort())
  const [before, after] = [new Set(saved.map(toKey)), new Set(now.map(toKey))]
  const other = [
    ...saved.filter((difference) => !after.has(toKey(difference))),
    ...now.filter((difference) => !before.has(toKey(difference))),
  ]
  return [...new Set(other.map(({ field }) => clean(field)))]
}

/** The site file of the plan, where it is still there; else the usual one, which the digest then judges. */
async function toSiteFlag({ site }: SavedPlan): Promise<{ readonly site?: string }> {
  return access(site.file).then(
    () => ({ site: toName(site.file) }),
    () => ({}),
  )
}

function toName(file: string): string {
  const path = relative(process.cwd(), file)
  return path === '' || path.startsWith('..') ? file : path
}

/** What a flag says is in the plan: given again, it must say the same. */
function refuseFlags(path: string, given: object, saved: object): void {
  const [of, kept] = [new Map(Object.entries(given)), new Map(Object.entries(saved))]
  const wrong = KEPT_FLAGS.find(
    (name) => of.has(name) && JSON.stringify(of.get(name)) !== JSON.stringify(kept.get(name)),
  )
  if (wrong !== undefined) throw refuseFlag(path, `--${wrong}`, 'the plan was made with its own')
}

function refuseFlag(path: string, flag: string, why: string): OrionError {
  const message = `${flag} does not go together with the saved plan ${path}: ${why}`
  return new OrionError(message, { code: 'E_USAGE', suggestions: [`leave ${flag} out, or plan anew with it`] })
}

/** Before 1.0.0 a minor version may change anything (Semantic Versioning 2.0.0, item 4). */
const toSeries = (version: string): string => version.split('.', version.startsWith('0.') ? 2 : 1).join('.')

function otherCommand(path: string, saved: string, wanted: string): OrionError {
  const message = `${path} is a plan for orion ${saved}, and this is orion ${wanted}; nothing was changed`
  return new OrionError(message, { code: 'E_PLAN_STALE', suggestions: [`orion ${toApply(saved)} ${quote(path)}`] })
}

function otherVersion(path: string, saved: string, version: string): OrionError {
  const message = `${path} was made by orion ${saved}, and this is ${version}; nothing was changed`
  return new OrionError(message, { code: 'E_PLAN_STALE', suggestions: ['plan anew, with the orion that applies it'] })
}

function otherWorld(path: string, lab: boolean): OrionError {
  const message = lab
    ? `${path} was made in the lab, and this is not the lab; nothing was changed`
    : `${path} was not made in the lab; nothing was changed`
  const suggestions = [lab ? 'add --lab, or plan the real site with --out FILE' : 'leave --lab out, or plan in the lab']
  return new OrionError(message, { code: 'E_PLAN_STALE', suggestions })
}

function stale(made: string, why: string, suggestions: readonly string[]): OrionError {
  const when = `${made.slice(0, 16).replace('T', ' ')} UTC`
  return new OrionError(`the plan that was saved at ${when} does not hold: ${why}`, {
    code: 'E_PLAN_STALE',
    suggestions,
  })
}
