// Takes things away again, on request only: what needs a thing goes before it, and afterwards each must be gone.
import type { Outside, Resource } from '../resource.ts'
import { type ApplyOptions, applyPlan } from './apply.ts'
import { makeRemovalPlan } from './plan.ts'
import type { Report } from './report.ts'

export interface RemoveOptions extends ApplyOptions {
  readonly site: string
}

/**
 * Removes all of these that are there; what is not there is kept as it is. To show first what goes, take `makeRemovalPlan` and
 * then `applyPlan`: it is the same thing in two steps. Errors: E_PLAN where something cannot be looked at, e.g. a foreign one.
 */
export async function removeResources(
  resources: readonly Resource[],
  outside: Outside,
  options: RemoveOptions,
): Promise<Report> {
  const plan = await makeRemovalPlan(resources, outside, options)
  return applyPlan(plan, resources, outside, options)
}
