// The base class of every command: common flags, one way to fail, Ctrl-C.
import { setMaxListeners } from 'node:events'
import { Command } from '@oclif/core/command'
import type { GuestLine } from '../console/guest-table.ts'
import type { RunEvent } from '../console/progress-events.ts'
import { CODES, EXIT, OrionError } from '../errors.ts'
import type { Part } from '../resource.ts'
import { events, planOutFlags, siteFlags } from './flags.ts'
import type { FlowFlags, Work } from './flow.ts'
import { toMatcher } from './pattern.ts'
import type { Caller, Session, SiteFlags } from './session.ts'

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

/** What an apply command was given: its flags, and perhaps a saved plan. */
interface Saved<Flags> {
  readonly args: { readonly file?: string | undefined }
  readonly flags: Flags
}

export abstract class OrionCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = { ...siteFlags, events }

  /** The flags that chose the site, for the commands that an error suggests. */
  private chosen: SiteFlags = {}

  /** The command as it is typed, without arguments: `vm apply`. */
  private get words(): string {
    return (this.id ?? '').replaceAll(':', ' ')
  }

  /** Opens the site, does the work, closes. Ctrl-C aborts the session's signal; a second one ends at once. */
  protected async inSession<T>(flags: SiteFlags, work: (session: Session) => Promise<T>): Promise<T> {
    const { openSession } = await import('./session.ts')
    return this.asCaller(flags, async (caller) => {
      const session = await openSession(flags, caller).catch((error: unknown) => this.throwWithOut(error, flags))
      try {
        const { site, lab } = session
        await this.tell({ event: 'run-started', orion: this.config.version, command: this.words, site: site.name, lab })
        await this.warnOfSite(session)
        return await work(session)
      } finally {
        await session.close()
      }
    })
  }

  /** Also what speaks against --out of a plan: nobody mends the site file to be told of that next. */
  private async throwWithOut(error: unknown, flags: SiteFlags & { readonly out?: unknown }): Promise<never> {
    if (typeof flags.out === 'string' && this.ctor.flags.out === planOutFlags.out) {
      const { refuseOtherFile, together } = await import('./out-file.ts')
      const { toOutFile } = await import('./saved-plan-file.ts')
      await together([Promise.reject(error), refuseOtherFile(toOutFile(flags.out))])
    }
    throw error
  }

  /** For what opens no session, or one of its own: how this run is called, and its Ctrl-C. */
  protected async asCaller<T>(flags: SiteFlags, work: (caller: Caller) => Promise<T>): Promise<T> {
    const abort = new AbortController()
    setMaxListeners(0, abort.signal) // Every host listens, and there may be many.
    const interrupt = () => (abort.signal.aborted ? process.exit(EXIT.interrupted) : abort.abort())
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
    try {
      this.chosen = flags
      return await work({ signal: abort.signal, command: this.words, json: this.jsonEnabled(), ...this.getEvents() })
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    }
  }

  /** With --events stderr is for JSON lines; asked before the flags are parsed, as those may be what is wrong. */
  private getEvents(): { readonly events?: true } {
    const end = this.argv.indexOf('--')
    return this.argv.slice(0, end < 0 ? undefined : end).includes('--events') ? { events: true } : {}
  }

  private async tell(event: RunEvent): Promise<void> {
    if (this.getEvents().events) await (await import('../console/progress-events.ts')).writeEvent(event)
  }

  /** The plan of an apply command's FILE, with its flags; the flags as they are where there is none. Errors: E_PLAN_STALE, E_USAGE. */
  protected async withSaved<Flags extends FlowFlags>(parsed: Saved<Flags>): Promise<Flags> {
    const { args, flags } = parsed
    if (args.file === undefined) return flags
    if (args.file === '')
      throw new OrionError('the name of the saved plan is empty: nothing was done', { code: 'E_USAGE' })
    this.chosen = flags
    const { resume } = await import('./saved-plan.ts')
    return resume(args.file, this.words, flags)
  }

  /** What is odd in the site file, one line each on stderr. */
  private async warnOfSite({ site, screen }: Session): Promise<void> {
    if ((this.jsonEnabled() && !screen.events) || site.warnings.length === 0) return
    const { warningsFor } = await import('./site-warnings.ts')
    const warnings = warningsFor(this.words, site.warnings)
    if (warnings.length === 0) return
    if (screen.events) {
      for (const { file, line, column, message: what } of warnings)
        await this.tell({ event: 'message', text: `${file}:${line}:${column}: ${what}` })
      return
    }
    const { showFindings } = await import('./site-findings.ts')
    const { printError } = await import('../console/output.ts')
    const shown = await showFindings(warnings.map((finding) => ({ ...finding, frame: '' })))
    await printError(shown.join('\n'))
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

  /** Plans, asks, applies, reports; `words` are the command's arguments, for the command that continues it; `command` is another one that does. */
  protected async build(
    session: Session,
    parts: readonly Part[],
    flags: FlowFlags,
    { verify = false, words = [], command }: { verify?: boolean; words?: readonly string[]; command?: string } = {},
  ): Promise<unknown> {
    const flow = await import('./flow.ts')
    const work = this.getWork(session, parts, flags, words)
    return this.end(await flow.build({ ...work, command: command ?? work.command }, { verify }))
  }

  /** Verifies. */
  protected async prove(session: Session, parts: readonly Part[], flags: FlowFlags): Promise<unknown> {
    const proof = await import('./proof.ts')
    return this.end(await proof.prove(this.getWork(session, parts, flags)))
  }

  /** Verifies again and again, until Ctrl-C. */
  protected async watchProof(session: Session, parts: readonly Part[], flags: FlowFlags): Promise<unknown> {
    const { watchProof } = await import('./verify-watch.ts')
    const { exit } = await watchProof(this.getWork(session, parts, flags))
    return this.end({ exit, document: undefined })
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

  protected getWork(session: Session, parts: readonly Part[], flags: FlowFlags, words: readonly string[] = []): Work {
    const command = [this.words, ...words].join(' ')
    return { session, parts, flags, json: this.jsonEnabled(), command }
  }

  /** Sets the exit code and gives back the document of --json. */
  protected end({ exit, document }: { readonly exit: number; readonly document: unknown }): unknown {
    process.exitCode = exit
    return document
  }

  protected override async catch(thrown: Error & { oclif?: { exit?: number } }): Promise<void> {
    const { toUsageError } = await import('./usage.ts')
    const flags = [...Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags }), 'json']
    const error = toUsageError(thrown, { command: this.words, flags }) ?? thrown
    process.exitCode = exitOf(error)
    const failure = this.toErrorJson(error)
    const { exit: _, ...told } = failure.error
    await this.tell({ event: 'error', ...told })
    if (this.jsonEnabled()) return this.logJson(failure)
    if (this.getEvents().events) return
    // Not an error: the framework's way to leave.
    if ('oclif' in error) throw error
    const { renderError } = await import('../console/error-view.ts')
    const { getLook, printError } = await import('../console/output.ts')
    const { completeHint } = await import('./next.ts')
    const { shown, findings } = await getFindings(error)
    const complete = (hint: string) => completeHint(hint, this.chosen)
    await printError(renderError(shown, { ...getLook(process.stderr), findings, complete }))
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    await super.finally(error)
    await this.tell({ event: 'run-ended', exit: Number(process.exitCode ?? EXIT.ok) })
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
  const { showFindings } = await import('./site-findings.ts')
  const { code, suggestions, summary } = error
  return { shown: new OrionError(summary, { code, suggestions }), findings: await showFindings(error.findings) }
}

function exitOf(error: unknown): number {
  if (error instanceof OrionError) return CODES[error.code]
  const oclif = (error as { oclif?: { exit?: number } } | undefined)?.oclif
  return oclif?.exit ?? EXIT.failed
}
