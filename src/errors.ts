// Every error that a person may see: its code, what to do next, and the exit code that it ends with.

/** Exit codes, in one map for exiting and for the help text. */
export const EXIT = {
  ok: 0, // as wanted, or done
  failed: 1, // something could not be done
  usage: 2, // bad usage, or a bad site file
  differences: 3, // --dry-run, plan --exit-code or verify found differences
  rolledBack: 4, // a guarded change does not stand: it was refused or put back, and the host is as before
  interrupted: 130, // Ctrl-C
} as const

/** Each code with its exit code. A code is a promise to scripts: it is never renamed. */
export const CODES = {
  E_USAGE: EXIT.usage,
  E_SITE: EXIT.usage, // the site file is wrong; `findings` says where
  E_SECRET: EXIT.usage, // a secret reference cannot be resolved
  E_CONFIRM: EXIT.usage, // nobody there to confirm, or the wrong name typed
  E_DIFFERENCES: EXIT.differences,
  E_PLAN: EXIT.failed, // the plan itself could not be made
  E_PLAN_STALE: EXIT.failed,
  E_NOT_CONVERGED: EXIT.failed,
  E_APPLY: EXIT.failed, // one or more steps failed
  E_IMMUTABLE: EXIT.failed,
  E_FOREIGN: EXIT.failed, // the thing exists and is not ours
  E_LOCKED: EXIT.failed, // another run of orion holds the site
  E_INTERRUPTED: EXIT.interrupted,
  E_PVE_UNREACHABLE: EXIT.failed, // nothing was sent
  E_PVE_LOST: EXIT.failed, // sent, and no answer: it may or may not have happened
  E_PVE_BUSY: EXIT.failed, // a lock of Proxmox VE could not be had in time
  E_PVE_CERTIFICATE: EXIT.failed,
  E_PVE_AUTH: EXIT.failed, // 401
  E_PVE_DENIED: EXIT.failed, // 403
  E_PVE_NOT_FOUND: EXIT.failed, // 500 "… does not exist"
  E_PVE_PARAMETERS: EXIT.failed, // 400
  E_PVE_ANSWER: EXIT.failed, // anything else that the API said
  E_TASK: EXIT.failed, // a task of Proxmox VE ended with an error
  E_IMAGE: EXIT.failed,
  E_HOST_UNREACHABLE: EXIT.failed,
  E_HOST_KEY: EXIT.failed, // an unknown, changed or revoked host key
  E_HOST_AUTH: EXIT.failed, // no key of ours is accepted
  E_HOST_SUDO: EXIT.failed, // not root, and no right to be
  E_HOST_LOST: EXIT.failed, // the connection broke: what was begun may or may not have happened
  E_HOST_TIMEOUT: EXIT.failed,
  E_HOST_COMMAND: EXIT.failed, // a program on the host ended with an error
  E_HOST_FACTS: EXIT.rolledBack, // the host's own facts speak against the change: a port is missing, the path to it would break
  E_HOST_BUSY: EXIT.rolledBack, // another guarded change is under way on the host
  E_GUARD_REFUSED: EXIT.rolledBack, // a check on the host failed; nothing was touched
  E_ROLLED_BACK: EXIT.rolledBack,
  E_LAB: EXIT.failed,
} as const

export type Code = keyof typeof CODES

export interface ErrorOptions {
  readonly code: Code
  /** What the operator can do next, one line each. */
  readonly suggestions?: readonly string[]
  readonly cause?: unknown
  /** True where looking again tells what happened: the engine observes and decides anew instead of repeating. */
  readonly recheck?: boolean
}

/** An error with a message for people: what could not be done, to which thing, on which host. */
export class OrionError extends Error {
  readonly code: Code
  readonly suggestions: readonly string[]
  readonly recheck: boolean

  constructor(message: string, { code, suggestions = [], cause, recheck = false }: ErrorOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'OrionError'
    this.code = code
    this.suggestions = suggestions
    this.recheck = recheck
  }

  get exit(): number {
    return CODES[this.code]
  }
}

/** Words of a program that tell why it could not. */
const TELLING =
  /\b(?:errors?|fail(?:ed|s|ure)?|cannot|can't|could not|unable|denied|refused|invalid|no such|not found|no space|does not exist|already exists|time[d]? ?out|abort(?:ed|ing)?|missing|unknown|unsupported|exceeded|warn(?:ing)?)\b|^[EW]: /i
/** Lines that only say how far it got. */
const PROGRESS = /\b\d+(?:\.\d+)?\s?%|^(?:Get:\d|Reading|Unpacking|Preparing|Selecting|Building)\b/

/**
 * Of what a program said, the lines that matter, in their order: those that tell why, the last one, and what stands before them.
 * Nothing twice, and no lines of progress where there are others.
 */
export function pickTelling(said: readonly string[], most = 5): readonly string[] {
  const whole = [...new Set(said.filter((line) => line.trim() !== ''))]
  const lines = whole.filter((line, at) => at === whole.length - 1 || TELLING.test(line) || !PROGRESS.test(line))
  const last = lines.length - 1
  const ranked = lines
    .map((line, at) => ({ at, rank: at === last ? 2 : TELLING.test(line) ? 1 : 0 }))
    .sort((one, other) => other.rank - one.rank || other.at - one.at)
  const picked = new Set(ranked.slice(0, most).map(({ at }) => at))
  return lines.filter((_, at) => picked.has(at))
}
