// orion bootstrap init: from the first question to the site file on the disk.
import { relative, resolve } from 'node:path'
import { OrionError } from '../../errors.ts'
import type { Site } from '../../site/site.ts'
import { SiteError } from '../../site/site-error.ts'
import type { ReadNode } from '../discovery.ts'
import { quote } from '../next.ts'
import { schemaFor } from '../paths.ts'
import type { Caller, SiteFlags } from '../session.ts'
import { putSiteFile } from '../site-out.ts'
import { readAnswers, toAnswersText } from './answers-file.ts'
import { begin, type Course } from './course.ts'
import { draftFile } from './draft-file.ts'
import { readHere } from './here.ts'
import type { Answers, Here, ImportSite } from './question.ts'
import { questionsOf } from './questions.ts'
import { goOn, replay } from './replay.ts'
import { toSiteText } from './site-text.ts'
import type { Made, Talk } from './talk.ts'
import { textAt } from './value.ts'
import { makeWorld, type RealWorld } from './world.ts'

export interface InitFlags extends SiteFlags {
  readonly answers?: string | undefined
  readonly 'save-answers'?: string | undefined
  readonly out?: string | undefined
  readonly yes?: boolean | undefined
}

export interface InitWish {
  readonly flags: InitFlags
  readonly caller: Caller
  /** Forget the answers of an earlier run. */
  readonly anew: boolean
  readonly read: ReadNode
  readonly importSite: ImportSite
}

/** What came of it. `file` is the absolute path. */
export interface Initiated {
  readonly file: string
  readonly site: string
  readonly state: 'written' | 'same'
  readonly answers: Answers
}

/**
 * Asks, or takes the answers of a file, and writes the site file. Errors: E_USAGE (bad answers), E_CONFIRM (nobody to ask, or a
 * no), E_SITE (what the rules say of the answers together), E_INTERRUPTED with the answers kept, E_HOST_*.
 */
export async function init(wish: InitWish): Promise<Initiated> {
  const { flags, caller } = wish
  const lab = Boolean(flags.lab || flags['lab-dir'])
  const file = resolve(flags.out ?? flags.site ?? 'orion.yaml')
  const world = makeWorld({ flags, caller, file, read: wish.read }, lab)
  try {
    const here = await readHere(lab, wish.importSite)
    const run: Run = { ...wish, world, here, file, lab }
    return flags.answers === undefined ? await ask(run) : await takeAnswers(run, flags.answers)
  } finally {
    await world.close()
  }
}

interface Run extends InitWish {
  readonly world: RealWorld
  readonly here: Here
  readonly file: string
  readonly lab: boolean
}

async function takeAnswers(run: Run, name: string): Promise<Initiated> {
  const course = await replay(run.here, await readAnswers(name), run.world, name)
  const text = toSiteText(course.draft, schemaFor(run.file))
  await run.world.parse(text)
  return finish(run, course, text)
}

async function ask(run: Run): Promise<Initiated> {
  if (run.caller.json || run.caller.events || process.stdin.isTTY !== true) throw nobody(run)
  const { converse, review } = await import('./talk.ts')
  const draft = draftFile(run.file, run.lab)
  const talk: Talk = {
    terminal: { input: process.stdin, output: process.stderr, signal: run.caller.signal },
    world: run.world,
    draft,
  }
  try {
    let { course, earlier } = await resume(run, talk)
    for (;;) {
      course = await converse(talk, course, earlier)
      earlier = course.draft.answers
      const made = await make(run, course)
      const changed = await review(talk, course, made)
      if (changed === undefined) {
        const done = await finish(run, course, made.text)
        await draft.remove()
        return done
      }
      course = changed
    }
  } catch (error) {
    throw await kept(run, error)
  }
}

/** Where an earlier run was, if that is wanted. */
async function resume({ anew, world, here, caller }: Run, talk: Talk): Promise<{ course: Course; earlier: Answers }> {
  const { tell } = await import('./talk.ts')
  const course = begin(here)
  const kept = anew ? undefined : await talk.draft.read()
  await tell(
    talk,
    'Enter takes what is offered, and - is nothing. Esc goes back.\nCtrl-C leaves, and the same command goes on there.',
  )
  if (kept === undefined) return { course, earlier: {} }
  const { confirmYes } = await import('../../console/wizard-prompt.ts')
  const count = Object.keys(kept.answers).length
  const when = kept.at.slice(0, 16).replace('T', ' ')
  const question = `Go on where you were (${count} ${count === 1 ? 'answer' : 'answers'}, ${when} UTC)?`
  if (!(await confirmYes(question, talk.terminal))) return { course, earlier: {} }
  try {
    await tell(talk, '  Going on …')
    return { course: await goOn(course, kept.answers, world), earlier: kept.answers }
  } catch (error) {
    if (caller.signal.aborted || !(error instanceof OrionError)) throw error
    await tell(talk, `  ! ${error.message}`)
    return { course, earlier: kept.answers }
  }
}

async function make({ world, file }: Run, { draft }: Course): Promise<Made> {
  const text = toSiteText(draft, schemaFor(file))
  const name = nameOf(file)
  try {
    return { name, text, summary: summaryOf(await world.parse(text)), problems: [] }
  } catch (error) {
    if (!(error instanceof SiteError)) throw error
    const problems = error.findings.filter(({ severity }) => severity === 'error')
    const summary = 'These answers do not fit together yet. What now?'
    return { name, text, summary, problems: problems.map(({ path, message }) => `${path.join('.')}: ${message}`) }
  }
}

function summaryOf({ name, nodes, networks, guests }: Site): string {
  const count = ({ length }: readonly unknown[], one: string) => `${length} ${one}${length === 1 ? '' : 's'}`
  return `Site ${name}: ${count(nodes, 'node')}, ${count(networks, 'network')}, ${count(guests, 'guest')}. What now?`
}

/** The file, and the answers where they are wanted. */
async function finish(run: Run, { draft }: Course, text: string): Promise<Initiated> {
  const { flags, caller, file } = run
  const state = await putSiteFile(file, text, { yes: flags.yes, json: caller.json, signal: caller.signal })
  const path = flags['save-answers']
  if (path !== undefined) {
    const messages = Object.fromEntries(questionsOf(draft).map(({ id, message }) => [id, message]))
    await putSiteFile(resolve(path), toAnswersText(draft.answers, messages), {
      yes: flags.yes,
      json: caller.json,
      signal: caller.signal,
    })
  }
  return { file, site: textAt(draft.value, 'site') ?? '', state, answers: draft.answers }
}

function nobody({ caller }: Run): OrionError {
  const why = caller.json
    ? '--json asks no question'
    : caller.events
      ? '--events asks no question'
      : 'there is no terminal to ask in'
  return new OrionError(`${why}, so the answers must come from a file`, {
    code: 'E_CONFIRM',
    suggestions: ['add --answers FILE', 'orion bootstrap init --save-answers FILE makes one, at a terminal'],
  })
}

/** Ctrl-C: what was answered is there for the next run. */
async function kept({ file, lab, flags }: Run, error: unknown): Promise<unknown> {
  if (!(error instanceof OrionError) || error.code !== 'E_INTERRUPTED') return error
  const left = await draftFile(file, lab).read()
  if (left === undefined)
    return new OrionError('stopped before the first answer', { code: 'E_INTERRUPTED', cause: error })
  const count = Object.keys(left.answers).length
  const out = flags.out === undefined ? '' : ` --out ${quote(flags.out)}`
  return new OrionError(
    `stopped; ${count} ${count === 1 ? 'answer is' : 'answers are'} kept, and nothing was written`,
    {
      code: 'E_INTERRUPTED',
      suggestions: [`orion bootstrap init${out} goes on there`],
      cause: error,
    },
  )
}

const nameOf = (file: string): string => {
  const name = relative(process.cwd(), file)
  return name.startsWith('..') ? file : name
}
