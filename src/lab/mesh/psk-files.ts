// Files of preshared keys and key pairs on a simulated host, while they change: IF.psk, .psk.new, .psk.old and their kin.
import type { HostState } from '../host/state.ts'
import { idOf, keyAt, keyPath } from './mesh-keys.ts'

/** What WireGuard takes for no key. */
export const NONE = 'none'

export const fail = (text: string): never => {
  throw new Error(text)
}
export const move = (host: HostState, from: string, to: string): void => {
  const file = host.files[keyPath(from)]
  if (file) host.files[keyPath(to)] = file
  delete host.files[keyPath(from)]
}
export const copy = (host: HostState, from: string, to: string): void => {
  const file = host.files[keyPath(from)]
  if (file) host.files[keyPath(to)] = file
}
export const drop = (host: HostState, ...names: readonly string[]): void => {
  for (const name of names) delete host.files[keyPath(name)]
}
export const isOpen = (host: HostState, name: string): boolean =>
  keyAt(host, `${name}.psk.old`) !== undefined || keyAt(host, `${name}.key.old`) !== undefined

/** Of the key in a file: `-` = no file, `none` = it says that there is no key. */
export function pskId(host: HostState, name: string): string {
  const key = keyAt(host, name)
  return key === undefined ? '-' : key === NONE ? NONE : idOf(key)
}
