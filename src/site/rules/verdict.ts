// A finding in one line, and where a guest stands in the site file.
import type { Finding, Guest, Path } from '../site.ts'

export function error(path: Path, message: string): Finding {
  return { severity: 'error', path, message }
}

export function warning(path: Path, message: string): Finding {
  return { severity: 'warning', path, message }
}

/** Where a guest stands in the site file: under its group, which a range of ids shares. */
export function guestPath(guest: Guest, ...rest: readonly string[]): Path {
  return ['guests', guest.group, ...rest]
}
