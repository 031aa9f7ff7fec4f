// What became of the keys of one login: offered, passed over and why, and what to do about it.
import { OrionError } from '../errors.ts'
import type { FoundKey } from './key-file.ts'

export interface Log {
  readonly offered: string[]
  readonly passed: string[]
  readonly tries: string[]
  /** The server accepted a key that stayed closed. */
  locked: boolean
  asking: number
}

export const newLog = (): Log => ({ offered: [], passed: [], tries: [], locked: false, asking: 0 })

/** Whether anything is gained by giving the server another key: not where it wants one of ours, nor where we have none to give. */
export const wantsKey = ({ locked, offered, tries }: Log): boolean =>
  !locked && (offered.length > 0 || tries.length === 0)

/** For people. */
export function describe({ offered, passed }: Log): string {
  if (offered.length + passed.length === 0) return 'there was no key to offer'
  const rows = [
    ['offered', offered],
    ['not offered', passed],
  ] as const
  return rows.flatMap(([title, keys]) => (keys.length > 0 ? `${title}: ${keys.join(', ')}` : [])).join('; ')
}

/** `place`: of the SSH settings in the site file. */
export function adviseFile(path: string, problem: string, place: string): string {
  const half = path.endsWith('.pub') ? `: ${path.slice(0, -'.pub'.length)}` : ''
  const what = problem === 'a public key' ? `name its private half${half}` : `${path}: ${problem}; name a private key`
  return `${what} (${place}.identityFile in the site file, or IdentityFile in the SSH configuration)`
}

export const adviseLocked = (path: string, place: string): string =>
  `its passphrase: ${place}.passphrase in the site file, or ssh-add ${path}`

/** The server wants the key, and it cannot be opened. `why`: words, or the error of asking. */
export function noteLocked(log: Log, { path }: FoundKey, why: unknown, place: string): void {
  log.locked = true
  // As it cannot sign, it was not offered, whatever the server was shown.
  if (log.offered.includes(path)) log.offered.splice(log.offered.indexOf(path), 1)
  // Our own errors say which reference it was and never the value.
  const known = why instanceof OrionError ? why : undefined
  const words = typeof why === 'string' ? why : `no passphrase: ${known?.message ?? 'it could not be asked for'}`
  log.passed.push(`${path} (encrypted; ${words})`)
  log.tries.push(...(known?.suggestions ?? []), adviseLocked(path, place))
}
