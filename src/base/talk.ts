// What the flows tell while they work: pages on stdout, progress and remarks on stderr, nothing of it with --json.
import { relative } from 'node:path'
import type { Plan } from '../engine/plan.ts'
import { CONFIRM_SECONDS } from './flags.ts'
import type { Work } from './flow.ts'
import { withSuggestions } from './next.ts'

/** A line on stderr for people. */
export async function say({ json }: Pick<Work, 'json'>, text: string): Promise<void> {
  if (!json) await (await import('../console/output.ts')).printError(text)
}

/** Shows a plan, unless the one JSON document is wanted. */
export async function showPlan(work: Work, plan: Plan): Promise<void> {
  const { verbose = false, 'confirm-within': confirmSeconds = CONFIRM_SECONDS } = work.flags
  const steps = plan.steps.map((step) => withSuggestions(step, work.flags))
  const page = { ...plan, steps }
  await show(work, async (look) => {
    const { renderPlan } = await import('../console/plan-view.ts')
    const { getPaint } = await import('../console/paint.ts')
    const head = [getPlace(work), getIdle(work)].filter((line) => line !== '').join('\n')
    return `${getPaint(look).dim(head)}\n\n${renderPlan(page, { ...look, verbose, confirmSeconds })}`
  })
}

/** Sections of the site file that are checked and that no part acts on yet: saying nothing would look like done. */
function getIdle({ session: { site }, parts }: Work): string {
  if (parts.length < 2) return ''
  const { devices, keeper, firewall, bgp, mesh } = site
  const idle = Object.entries({ devices: devices.length > 0, keeper, firewall, bgp, mesh }).filter(([, there]) => there)
  return idle.length === 0 ? '' : `Checked, and not acted on by this version: ${idle.map(([name]) => name).join(', ')}`
}

/** Which site this is about, from which file, and whether anything real is. */
function getPlace({ session: { site, lab } }: Work): string {
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
  { json, session }: Pick<Work, 'json' | 'session'>,
  run: (on: import('../engine/events.ts').On) => Promise<T>,
): Promise<T> {
  const { showProgress } = await import('../console/progress.ts')
  const progress = await showProgress(json ? { mode: 'none' } : {})
  session.screen.progress = progress
  try {
    return await run(progress.on)
  } finally {
    delete session.screen.progress
    await progress.stop()
  }
}
