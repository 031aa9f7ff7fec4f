// The Keeper's program and its unit of systemd: the same on every node. What it shall do is in its configuration.
import { template } from '../../render.ts'

type Nothing = Readonly<Record<string, never>>

export const PROGRAM = '/usr/local/sbin/orion-keeper'
export const CONFIG = '/etc/orion/keeper.json'
export const UNIT = 'orion-keeper.service'
export const UNIT_FILE = `/etc/systemd/system/${UNIT}`

const pieces = ['orion-keeper', 'jobs', 'sensors', 'guests', 'steps', 'memory', 'care', 'verbs'].map((name) =>
  template<Nothing>(`keeper/${name}`),
)
const unit = template<Nothing>('keeper/orion-keeper.service')

/** One file of Perl, for the modules that come with Debian's perl. */
export function keeperProgram(): string {
  return pieces.map((piece) => piece({})).join('')
}

export function keeperUnit(): string {
  return unit({})
}
