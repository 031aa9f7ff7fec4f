// What the engine tells while it works. Whoever shows it (console/) listens; the engine never prints.
import type { News, ResourceId } from '../resource.ts'
import type { Verb } from './plan.ts'
import type { Outcome, Problem } from './report.ts'
import type { VerifyStep } from './verify.ts'

export type EngineEvent =
  | { readonly kind: 'plan-progress'; readonly done: number; readonly total: number }
  /** `total` counts the steps that may change something; the rest is as wanted already. */
  | { readonly kind: 'apply-started'; readonly total: number }
  | StepStarted
  | { readonly kind: 'step-news'; readonly id: ResourceId; readonly title: string; readonly news: News }
  | StepEnded
  | { readonly kind: 'verify-started'; readonly total: number }
  /** Checks that are not green yet and may become so: looked at again, for up to `leftMs` more. */
  | { readonly kind: 'verify-again'; readonly waiting: number; readonly leftMs: number }
  | ProbeEnded

export interface StepStarted {
  readonly kind: 'step-started'
  readonly id: ResourceId
  readonly title: string
  readonly verb: Verb
  /** How long it took when it was done last. Absent = nobody knows. */
  readonly lastMs?: number
  /** How many steps of this run cannot begin before it has ended. Absent = none. */
  readonly waiting?: number
}

/** What a check came to, once and for all. */
export interface ProbeEnded extends VerifyStep {
  readonly kind: 'probe-ended'
}

export interface StepEnded {
  readonly kind: 'step-ended'
  readonly id: ResourceId
  readonly title: string
  readonly verb: Verb
  readonly outcome: Outcome
  readonly ms: number
  readonly problem?: Problem
  /** The error as thrown, for a debugging listener; it is not part of the report. */
  readonly thrown?: unknown
}

/** A listener. It must return at once; what it throws is the caller's bug and ends the run. */
export type On = (event: EngineEvent) => void
