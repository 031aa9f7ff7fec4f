// The guard's own folder on a simulated host, for reading: what a change replaced and brought, as orion-guard keeps it on a real one.
import type { HostState, StoredFile } from './state.ts'

const PLACE = /^\/var\/lib\/orion\/guard\/([^/]+)\/(files|(old|new)\/(\d{3}))$/

/** `/var/lib/orion/guard/ID/files`, `…/old/001` and `…/new/001`; undefined for every other path, and for what was not there. */
export function guardFile({ guard }: Pick<HostState, 'guard'>, path: string): StoredFile | undefined {
  const [, id, name, side, number] = PLACE.exec(path) ?? []
  const change = guard.find((one) => one.id === id)
  if (!change) return undefined
  const places = Object.entries(change.files)
  const [place = '', brought] = places[Number(number) - 1] ?? []
  if (name !== 'files') return (side === 'new' ? brought : change.old[place]) ?? undefined
  const lines = places.map(([place, file], at) => `${numberOf(at)} ${file ? 'put' : 'remove'} ${place}\n`)
  return { kind: 'file', text: lines.join(''), mode: 0o600 }
}

const numberOf = (at: number): string => String(at + 1).padStart(3, '0')
