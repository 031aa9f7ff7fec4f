// What the flows tell while they work: pages on stdout, progress and remarks on stderr, nothing of it with --json.
import type { Plan } from '../engine/plan.ts'
import type { Work } from './flow.ts'

/** A line on stderr for people. */
export async function say({ json }: Work, text: string): Promise<void> {
  if (!json) await (await import('../console/output.ts')).printError(text)
}

/** Shows a plan, unless the one JSON document is wanted. */
export async function showPlan(work: Work, plan: Plan): Promise<void> {
  const { verbose = false } = work.flags
  await show(work, async (look) => (await import('../console/plan-view.ts')).renderPlan(plan, { ...look, verbose }))
}

type Look = ReturnType<typeof import('../console/output.ts').getLook>

/** Prints a page to stdout, unless the one JSON document is wanted. */
export async function show({ json }: Work, render: (look: Look) => Promise<string>): Promise<void> {
  if (json) return
  const { getLook, printOut } = await import('../console/output.ts')
  await printOut(`${await render(getLook())}\n\n`)
}

/** Shows progress on stderr while the work goes on. */
export async function watched<T>(
  { json }: Work,
  run: (on: import('../engine/events.ts').On) => Promise<T>,
): Promise<T> {
  const { showProgress } = await import('../console/progress.ts')
  const progress = await showProgress(json ? { mode: 'none' } : {})
  try {
    return await run(progress.on)
  } finally {
    await progress.stop()
  }
}
