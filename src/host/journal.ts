// The journal of a host: what orion did there, in a file of root's that is only ever added to.
import type { Host } from './host.ts'
import { script } from './script.ts'

/** Sites are called by their names, which have no slash. */
export const journalPath = (site: string): string => `/var/lib/orion/journal/${encodeURIComponent(site)}.jsonl`

const LIMIT_MS = 20_000

/** Adds the lines that the host does not have yet, as lines of its own chain. Errors: those of Host.run. */
export async function appendLines(host: Host, site: string, lines: readonly string[]): Promise<void> {
  const argv = ['sh', '-c', await script('journal'), 'orion-journal', journalPath(site)]
  await host.run(argv, { input: lines.map((line) => `${line}\n`).join(''), timeoutMs: LIMIT_MS })
}
