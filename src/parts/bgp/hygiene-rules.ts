// The rules of a well-kept border router, in the order of the report.
import { TOLD } from './hygiene-export.ts'
import { GOBGP } from './hygiene-gobgp.ts'
import { TAKEN } from './hygiene-import.ts'
import type { Rule } from './hygiene-rule.ts'
import { ROUTER, SESSION } from './hygiene-session.ts'

export const RULES: readonly Rule[] = [...TAKEN, ...TOLD, ...SESSION, ...ROUTER].map((rule) => {
  const gobgp = GOBGP[rule.name]
  return gobgp === undefined ? rule : { ...rule, gobgp }
})
