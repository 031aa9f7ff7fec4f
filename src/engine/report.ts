// What a run did, as plain JSON data: the document of `--json`, and what console/ renders.
import { CODES, type Code, EXIT, OrionError } from '../errors.ts'
import type { Difference, ResourceId } from '../resource.ts'
import type { Verb } from './plan.ts'

/** An error as data: no stack, no cause. */
export interface Problem {
  readonly code: Code
  readonly message: string
  readonly suggestions: readonly string[]
}

/**
 * `kept`: nothing was left to do. `blocked`: something that it needs failed (`blockedBy`). `interrupted`: it was running on
 * Ctrl-C. `not-tried`: Ctrl-C came before its turn.
 */
export type Outcome = 'done' | 'kept' | 'failed' | 'blocked' | 'interrupted' | 'not-tried'

export interface ReportStep {
  readonly id: ResourceId
  readonly title: string
  /** What was done in the end; the plan's verb where nothing was. */
  readonly verb: Verb
  readonly outcome: Outcome
  /** Wall time from its first look to its last, milliseconds; 0 if it never began. */
  readonly ms: number
  /** What the step set out to change. */
  readonly differences: readonly Difference[]
  /** What still waits: for a restart, or for what this version does not do yet. */
  readonly waits: readonly Difference[]
  readonly warnings: readonly string[]
  /** Further things that the step told, in order. */
  readonly notes: readonly string[]
  readonly error?: Problem
  /** The failed step at the root of it. */
  readonly blockedBy?: ResourceId
}

/** A task of Proxmox VE that was started, and that this run did not see ending. */
export interface RunningTask {
  readonly upid: string
  readonly id: ResourceId
  readonly title: string
}

export type Counts = Readonly<Record<Outcome, number>>

export interface Report {
  readonly site: string
  /** ISO 8601, UTC. */
  readonly started: string
  readonly ms: number
  /** In the order of the plan. */
  readonly steps: readonly ReportStep[]
  readonly running: readonly RunningTask[]
  readonly interrupted: boolean
  readonly counts: Counts
}

/** Any thrown value as data. What is no OrionError is a bug or a library's error: its name and message, as E_APPLY. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof OrionError) {
    return { code: thrown.code, message: thrown.message, suggestions: thrown.suggestions }
  }
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return { code: 'E_APPLY', message, suggestions: ['run it again with DEBUG=* to see where it comes from'] }
}

/** How many steps ended in each way. */
export function getCounts(steps: readonly Pick<ReportStep, 'outcome'>[]): Counts {
  const counts = { done: 0, kept: 0, failed: 0, blocked: 0, interrupted: 0, 'not-tried': 0 }
  for (const step of steps) counts[step.outcome] += 1
  return counts
}

/** The exit code of a run: 0, 130 after Ctrl-C, 4 where a guarded change does not stand, else that of the failed steps where they agree, else 1. */
export function getExit(report: Report): number {
  if (report.interrupted) return EXIT.interrupted
  const exits = new Set<number>(report.steps.flatMap(({ error }) => (error ? [CODES[error.code]] : [])))
  // Whoever called must know that a host went back, whatever else failed beside it.
  if (exits.has(EXIT.rolledBack)) return EXIT.rolledBack
  const [first] = exits
  if (exits.size === 1 && first !== undefined) return first
  return exits.size > 1 || report.counts.failed > 0 ? EXIT.failed : EXIT.ok
}
