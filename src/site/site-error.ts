// The error that a site file with mistakes ends with: all of them at once.
import { OrionError } from '../errors.ts'
import { formatFinding } from './finding.ts'
import type { Located } from './site.ts'

/** So many findings are printed in the message; `findings` has all of them. */
const SHOWN = 50

/** A site file that cannot be used. `findings` are its errors by position; none where there is no text to point at. */
export class SiteError extends OrionError {
  readonly findings: readonly Located[]
  /** The first line of the message, e.g. `orion.yaml has 3 errors`. */
  readonly summary: string

  constructor(summary: string, findings: readonly Located[], suggestions: readonly string[] = []) {
    const shown = findings.slice(0, SHOWN).map(formatFinding)
    if (findings.length > SHOWN) shown.push(`… and ${findings.length - SHOWN} more`)
    super([summary, ...shown].join('\n\n'), { code: 'E_SITE', suggestions })
    this.name = 'SiteError'
    this.findings = findings
    this.summary = summary
  }
}
