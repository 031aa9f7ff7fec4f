// The guard: a change of a host's files that is put back by the host itself unless it is confirmed over a new connection.
import type { Host, HostFile } from './host.ts'

/** A program with its arguments. */
export type Argv = readonly string[]

/** What changes together on one host. */
export interface Change {
  /** What it is about, for lists and messages: `interfaces`, `sysctl`. One word. */
  readonly name: string
  readonly files: readonly HostFile[]
  /** Run on the host while the new files stand in their places for these programs only. One that fails, or says a word of warning where `strict`, stops the change before anything was touched. */
  readonly check: readonly Argv[]
  /** A checker's warning is an error too: any output of `check` on stderr. */
  readonly strict?: boolean
  /**
   * Run in order after the swap, and again after the old files were put back: with ORION_GUARD=swap and ORION_GUARD=put-back in
   * their environment, for a program that must tell the two apart.
   */
  readonly activate: readonly Argv[]
  /** How long the host waits for the confirmation before it puts the old files back; seconds. */
  readonly confirmWithinSeconds: number
}

export interface ChangeOptions {
  /** What happens meanwhile, one line each. */
  readonly note: (text: string) => void
  /** What is wrong with the host now, over a new connection; [] = confirm. Asked again until it is content or half of the time is over. */
  readonly prove: (host: Host) => Promise<readonly string[]>
}

/** One change that the host remembers; the newest first. */
export interface GuardState {
  readonly id: string
  /** The change's name. */
  readonly name: string
  readonly state: 'staged' | 'armed' | 'confirmed' | 'refused' | 'restored'
  /** Seconds since the epoch when it was made. */
  readonly at: number
  /** `user@machine (orion net apply)`, as given by whoever made it. */
  readonly by: string
  /** Why it was refused or restored: `not confirmed`, `restarted`, `asked for`, or what the checker said. */
  readonly reason: string
  readonly files: readonly string[]
}

export interface Holder {
  readonly by: string
  /** How long the host still waits before it puts the old files back; 0 = that is over. */
  readonly leftSeconds: number | undefined
  /** The same as a time of day, `HH:MM:SS`, our clock. */
  readonly until: string | undefined
}

export interface Guard {
  /**
   * Makes a change: stage, check, arm, swap, activate, confirm over a new connection. Returns when it stands.
   * Errors with the host as it was before: E_HOST_BUSY (somebody else's change, with who and until when),
   * E_GUARD_REFUSED (a check failed: nothing was touched), E_ROLLED_BACK (the host put it back). Otherwise E_HOST_LOST (gone while it was
   * being confirmed: it stands or was put back), E_NOT_CONVERGED (not content, but confirmed by somebody on the host), those of Host.
   */
  change(change: Change, options: ChangeOptions): Promise<void>
  /** The last ten confirmed changes of this host, and the last ten others; [] where the guard was never there. */
  states(): Promise<readonly GuardState[]>
  /** Who makes a change that is still open; by '' = not known. The rest is undefined where the host does not say it. */
  holder(id: string): Promise<Holder>
  /** Puts the files back as they were before a confirmed change, as a guarded change of its own. Errors: as change; E_USAGE for an unknown id. */
  undo(id: string, options: ChangeOptions & { readonly confirmWithinSeconds: number }): Promise<void>
}
