// The base class of every command: common flags, one way to fail, Ctrl-C.
import { setMaxListeners } from 'node:events'
import { Command } from '@oclif/core/command'
import type { GuestLine } from '../console/guest-table.ts'
import { CODES, EXIT, OrionError } from '../errors.ts'
import type { Part } from '../resource.ts'
import { siteFlags } from './flags.ts'
import type { FlowFlags, Work } from './flow.ts'
import { toMatcher } from './selection.ts'
import type { Session, SiteFlags } from './session.ts'

/** What a failure looks like in `--json`. */
interface Failure {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly exit: number
    readonly suggestions: readonly string[]
    readonly findings?: unknown
  }
}

export abstract class OrionCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = siteFlags

  /** The flags that chose the site, for the commands that an error suggests. */
  private chosen: SiteFlags = {}

  /** The command as it is typed, without arguments: `vm apply`. */
  private get words(): string {
    return (this.id ?? '').replaceAll(':', ' ')
  }

  /** Opens the site, does the work, closes. Ctrl-C aborts the session's signal; a second one ends at once. */
  protected async inSession<T>(flags: SiteFlags, work: (session: Session) => Promise<T>): Promise<T> {
    const { openSession } = await import('./session.ts')
    const abort = new AbortController()
    setMaxListeners(0, abort.signal) // Every host listens, and there may be many.
    const interrupt = () => (abort.signal.aborted ? process.exit(EXIT.interrupted) : abort.abort())
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
    try {
      this.chosen = flags
      const caller = { signal: abort.signal, command: this.words, json: this.jsonEnabled() }
      const session = await openSession(flags, caller)
      try {
        await this.warnOfSite(session)
        return await work(session)
      } finally {
        await session.close()
      }
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    }
  }

  /** What is odd in the site file, one line each on stderr. */
  private async warnOfSite({ site }: Session): Promise<void> {
    if (this.jsonEnabled() || site.warnings.length === 0) return
    const { formatFinding } = await import('../site/finding.ts')
    const { printError } = await import('../console/output.ts')
    await printError(site.warnings.map((finding) => formatFinding({ ...finding, frame: '' })).join('\n'))
  }

  /** A table of guests, unless the one JSON document is wanted. */
  protected async showGuests(rows: readonly GuestLine[]): Promise<void> {
    if (this.jsonEnabled()) return
    const { renderGuests } = await import('../console/guest-table.ts')
    const { getLook, printOut } = await import('../console/output.ts')
    await printOut(renderGuests(rows, getLook()))
  }

  /** What --only means, for lists. */
  protected getFilter(only: readonly string[] | undefined): ((id: string, title: string) => boolean) | undefined {
    return only && toMatcher(only)
  }

  /** Plans and shows. */
  protected async look(session: Session, parts: readonly Part[], flags: FlowFlags): Promise<unknown> {
    const flow = await import('./flow.ts')
    return this.end(await flow.look(this.getWork(session, parts, flags)))
  }

  /** Plans, asks, applies, reports; `words` are the command's arguments, for the command that continues it. */
  protected async build(
    session: Session,
    parts: readonly Part[],
    flags: FlowFlags,
    { verify = false, words = [] }: { verify?: boolean; words?: readonly string[] } = {},
  ): Promise<unknown> {
    const flow = await import('./flow.ts')
    return this.end(await flow.build(this.getWork(session, parts, flags, words), { verify }))
  }

  /** Verifies. */
  protected async prove(session: Session, parts: readonly Part[], flags: FlowFlags): Promise<unknown> {
    const flow = await import('./flow.ts')
    return this.end(await flow.prove(this.getWork(session, parts, flags)))
  }

  /** Plans the removal of everything in these parts, wants the name typed, removes. */
  protected async destroy(
    session: Session,
    parts: readonly Part[],
    flags: FlowFlags & { readonly confirm?: string | undefined },
    name: string,
  ): Promise<unknown> {
    const { destroy } = await import('./destroy.ts')
    return this.end(await destroy(this.getWork(session, parts, flags, [name]), { name, confirm: flags.confirm }))
  }

  private getWork(session: Session, parts: readonly Part[], flags: FlowFlags, words: readonly string[] = []): Work {
    const command = [this.words, ...words].join(' ')
    return { session, parts, flags, json: this.jsonEnabled(), command }
  }

  /** Sets the exit code and gives back the document of --json. */
  protected end({ exit, document }: { readonly exit: number; readonly document: unknown }): unknown {
    process.exitCode = exit
    return document
  }

  protected override async catch(error: Error & { oclif?: { exit?: number } }): Promise<void> {
    process.exitCode = exitOf(error)
    if (this.jsonEnabled()) return this.logJson(this.toErrorJson(error))
    // oclif's own errors (a wrong flag) are printed by oclif, with the usage.
    if (error.oclif) throw error
    const { renderError } = await import('../console/error-view.ts')
    const { getLook, printError } = await import('../console/output.ts')
    const { completeHint } = await import('./next.ts')
    const { shown, findings } = await getFindings(error)
    const complete = (hint: string) => completeHint(hint, this.chosen)
    await printError(renderError(shown, { ...getLook(process.stderr), findings, complete }))
  }

  protected override toErrorJson(error: unknown): Failure {
    const exit = exitOf(error)
    if (!(error instanceof OrionError)) {
      const message = error instanceof Error ? error.message : String(error)
      return { error: { code: exit === EXIT.usage ? 'E_USAGE' : 'E_UNEXPECTED', message, exit, suggestions: [] } }
    }
    const { code, message, suggestions } = error
    const findings = 'findings' in error ? { findings: error.findings } : {}
    return { error: { code, message, exit, suggestions, ...findings } }
  }
}

/** Of a bad site file the findings come first, each with its line, and then what they amount to. */
async function getFindings(error: Error): Promise<{ shown: Error; findings: readonly string[] }> {
  const { SiteError } = await import('../site/site-error.ts')
  if (!(error instanceof SiteError)) return { shown: error, findings: [] }
  const { formatFinding } = await import('../site/finding.ts')
  const { code, suggestions, summary } = error
  return { shown: new OrionError(summary, { code, suggestions }), findings: error.findings.map(formatFinding) }
}

function exitOf(error: unknown): number {
  if (error instanceof OrionError) return CODES[error.code]
  const oclif = (error as { oclif?: { exit?: number } } | undefined)?.oclif
  return oclif?.exit ?? EXIT.failed
}
