// verify --junit FILE: what the checks saw, or why there were none, in a file for CI.
import type { VerifyReport } from '../engine/verify.ts'
import { type OutFile, refuseOtherFile, together, writeOut } from './out-file.ts'
import { withHints } from './proof.ts'
import { readSite, type SiteFlags } from './session.ts'

const toOutFile = (path: string): OutFile => ({
  path,
  what: 'JUnit report',
  isOurs: (beginning) => /^<\?xml [^>]*\?>\s*<testsuites?[\s>]/.test(beginning),
})

interface Flags extends SiteFlags {
  readonly junit?: string | undefined
  readonly concurrency: number
}

/**
 * Runs the checks, whose document it gives back, and writes the file: first that they have not ended, and why they could not be
 * run where that is so; no report of an earlier run is taken for this one, however this one is stopped. Errors: those of the checks; E_USAGE where the file is something else, before any of them.
 */
export async function withJunit({ junit, ...flags }: Flags, run: () => Promise<unknown>): Promise<unknown> {
  if (junit === undefined) return run()
  // The site file is read by the checks: here only so that both are told at once.
  await refuseOtherFile(toOutFile(junit)).catch((error) => together([readSite(flags), Promise.reject(error)]))
  const { renderJunit, renderJunitError } = await import('../console/junit.ts')
  const write = (text: string) => writeOut(junit, text, 0o644)
  await write(renderJunitError({ code: 'E_INTERRUPTED', message: 'the checks were stopped before they ended' }))
  try {
    const document = await run()
    const verify = getReport(document)
    if (verify) await write(renderJunit(withHints(verify, flags)))
    return document
  } catch (error) {
    const { toProblem } = await import('../engine/report.ts')
    await write(renderJunitError(toProblem(error)))
    throw error
  }
}

function getReport(document: unknown): VerifyReport | undefined {
  return (document as { readonly verify?: VerifyReport } | undefined)?.verify
}
