// What the flows tell while they work: pages on stdout, progress and remarks on stderr, nothing of it with --json.
import { relative } from 'node:path'
import type { Plan } from '../engine/plan.ts'
import { CONFIRM_SECONDS } from './flags.ts'
import type { Work } from './flow.ts'
import { getApply, withSuggestions } from './next.ts'

type Saying = Pick<Work, 'json'> & { readonly session?: { readonly screen?: Work['session']['screen'] } }

/** A line on stderr for people; with --events an event, also beside --json. */
export async function say({ json, session }: Saying, text: string): Promise<void> {
  if (session?.screen?.events) return (await import('../console/progress-events.ts')).writeMessage(text)
  if (json) return
  const { getLook, printError } = await import('../console/output.ts')
  const { indent } = await import('../console/text.ts')
  // A log has its own width.
  await printError(process.stderr.isTTY ? indent(text, '', getLook(process.stderr).width).join('\n') : text)
}

/** Shows a plan, unless the one JSON document is wanted. */
export async function showPlan(work: Work, plan: Plan): Promise<void> {
  const { verbose = false, 'confirm-within': confirmSeconds = CONFIRM_SECONDS } = work.flags
  const steps = plan.steps.map((step) => withSuggestions(step, work.flags))
  const page = { ...plan, steps }
  if (work.flags.markdown) return showMarkdown(work, page)
  await show(work, async (look) => {
    const { renderPlan } = await import('../console/plan-view.ts')
    const { getPaint } = await import('../console/paint.ts')
    return `${getPaint(look).dim(getPlace(work))}\n\n${renderPlan(page, { ...look, verbose, confirmSeconds, goesOn: work.goesOn ?? false })}`
  })
}

async function showMarkdown({ command: again, flags }: Work, plan: Plan): Promise<void> {
  const confirmSeconds = flags['confirm-within'] ?? CONFIRM_SECONDS
  const { renderMarkdown } = await import('../console/plan-markdown.ts')
  const { printOut } = await import('../console/output.ts')
  await printOut(
    renderMarkdown(plan, { command: getApply(again) ?? again, again, confirmSeconds, verbose: flags.verbose ?? false }),
  )
}

interface Place {
  readonly session: { readonly site: Pick<Work['session']['site'], 'name' | 'file'>; readonly lab: boolean }
}

/** Which site this is about, from which file, and whether anything real is: the head of what is done there. */
export function getPlace({ session: { site, lab } }: Place): string {
  const path = relative(process.cwd(), site.file)
  const file = path.startsWith('..') ? site.file : path
  return `Site ${site.name} (${file})${lab ? ', in the lab' : ''}`
}

type Look = ReturnType<typeof import('../console/output.ts').getLook>

/** Prints a page to stdout, unless the one JSON document is wanted. */
export async function show(
  { json, pages }: Pick<Work, 'json' | 'pages'>,
  render: (look: Look) => Promise<string>,
): Promise<void> {
  if (json) return
  const { getLook, printError, printOut } = await import('../console/output.ts')
  if (pages === 'stderr') return printError(`${await render(getLook(process.stderr))}\n\n`)
  await printOut(`${await render(getLook())}\n\n`)
}

/** Shows progress on stderr while the work goes on. */
export async function watched<T>(
  { json, session, flags }: Pick<Work, 'json' | 'session'> & { readonly flags?: { readonly verbose?: boolean } },
  run: (on: import('../engine/events.ts').On) => Promise<T>,
): Promise<T> {
  const { showProgress } = await import('../console/progress.ts')
  const progress = await showProgress({
    ...(session.screen.events ? { mode: 'events' } : json ? { mode: 'none' } : {}),
    verbose: flags?.verbose ?? false,
  })
  session.screen.progress = progress
  try {
    return await run(progress.on)
  } finally {
    delete session.screen.progress
    await progress.stop()
  }
}
