// What the engine tells while it works. Whoever shows it (console/) listens; the engine never prints.
import type { News, ProbeResult, ResourceId } from '../resource.ts'
import type { Verb } from './plan.ts'
import type { Outcome, Problem } from './report.ts'

export type EngineEvent =
  | { readonly kind: 'plan-progress'; readonly done: number; readonly total: number }
  /** `total` counts the steps that may change something; the rest is as wanted already. */
  | { readonly kind: 'apply-started'; readonly total: number }
  | { readonly kind: 'step-started'; readonly id: ResourceId; readonly title: string; readonly verb: Verb }
  | { readonly kind: 'step-news'; readonly id: ResourceId; readonly title: string; readonly news: News }
  | StepEnded
  | { readonly kind: 'verify-started'; readonly total: number }
  | {
      readonly kind: 'probe-ended'
      readonly id: string
      readonly title: string
      readonly state: ProbeResult['state']
      readonly ms: number
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
