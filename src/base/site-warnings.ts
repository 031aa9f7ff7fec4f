// Which warnings of the site file a command opens with.
import type { Located } from '../site/site.ts'

/** `command` without its flags, e.g. `bgp show`. A key only matters to commands that may make guests. */
export function warningsFor(command: string, warnings: readonly Located[]): readonly Located[] {
  const makesGuests = /^(bootstrap(?! log)|vm (plan|apply))\b/.test(command)
  return warnings.filter(({ path }) => makesGuests || !path.includes('sshKeys'))
}
