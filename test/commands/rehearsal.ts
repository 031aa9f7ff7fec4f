// A lab without waiting times for tests of commands, in the operator's home.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openLab } from '../../src/lab/lab.ts'
import { loadSite } from '../../src/site/load.ts'
import { BIN, newOperator, type Operator, type Ran } from './orion.ts'

/** A public key that nobody holds the private half of. */
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b test'

export const siteFile = (name: string): string =>
  fileURLToPath(new URL(`../../templates/sites/${name}.yaml`, import.meta.url))

export interface Rehearsal extends Operator {
  readonly lab: string
  /** Runs `orion ARGS… --site … --lab-dir …`. */
  orion(...args: string[]): Promise<Ran>
}

/** Opens a lab whose tasks end at once, for a site file. */
export async function rehearse(file: string, options: { version?: string; pace?: number } = {}): Promise<Rehearsal> {
  const operator = newOperator()
  const lab = join(operator.home, 'lab')
  await openLabFor(file, lab, [process.execPath, BIN, 'lab', '--serve'], options)
  return { ...operator, lab, orion: (...args) => operator.run([...args, '--site', file, '--lab-dir', lab]) }
}

/** The lab alone: a serving process for a site file in this folder. */
export async function openLabFor(
  file: string,
  dir: string,
  serve: readonly string[],
  options: { version?: string; pace?: number; idleSeconds?: number } = {},
): Promise<void> {
  const site = await loadSite(file, { standInKey: KEY })
  await openLab({ site, dir, fresh: false, pace: 0, serve, ...options })
}
