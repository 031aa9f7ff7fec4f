// Kernel settings of a host (a node, a router): one drop-in of orion's own, in force at once and after a restart.
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { nearest } from '../../site/nearest.ts'

/** What a host's kernel shall be set to; a node of the site file is one. */
interface KernelSettings {
  /** The host. */
  readonly name: string
  readonly sysctl: Readonly<Record<string, string>>
}

/** Settings that depend on the host (its interfaces have names), in a drop-in of another name. */
interface SeenSettings {
  readonly name: string
  readonly path: string
  readonly sysctl: (seen: HostFacts) => Readonly<Record<string, string>>
}

type Rows = readonly (readonly [string, string])[]

// Debian 13 no longer reads /etc/sysctl.conf; a late name goes before what packages ship.
export const SYSCTL_FILE = '/etc/sysctl.d/90-orion.conf'

// The old live values first, then the file: the same program puts them back after the old file was.
const ACTIVATE = 'f=$1; shift; [ $# = 0 ] || sysctl -q -w "$@" || exit; [ ! -e "$f" ] || sysctl -q -p "$f"'

export function sysctlFacts({ sysctl }: KernelSettings): Facts {
  const keys = Object.keys(sysctl)
  if (keys.length === 0) return {}
  // The wanted keys and what stands beside them, for a hint where one does not exist.
  const folders = [...new Set(keys.map((key) => dotted(key).replace(/\.[^.]*$/, '')))].map(literal)
  const pattern = `^(${folders.join('|')})\\.[^.]*$`
  return { files: [SYSCTL_FILE], commands: { sysctl: ['sysctl', '-a', '--pattern', pattern] } }
}

/** The settings as /etc/sysctl.d/90-orion.conf, or as the file at `path`. A key that the host's kernel does not have is a problem. */
export function sysctl(settings: KernelSettings | SeenSettings, wish: FileSet['wish']): FileSet {
  const path = 'path' in settings ? settings.path : SYSCTL_FILE
  const { sysctl: wanted } = settings
  const rowsOf = (seen: HostFacts): Rows => Object.entries(typeof wanted === 'function' ? wanted(seen) : wanted)
  return {
    host: settings.name,
    name: 'sysctl',
    wish,
    owned: true,
    files: (seen) => [{ path, text: textOf(rowsOf(seen)) }],
    problems: (seen) => {
      const live = liveOf(seen)
      const missing = rowsOf(seen)
        .map(([key]) => key)
        .filter((key) => !live.has(dotted(key)))
      return missing.map((key) => `the kernel has no setting ${key}${suggestion(dotted(key), [...live.keys()])}`)
    },
    drift: (seen) => rowsOf(seen).flatMap(([key, value]) => drift(key, value, liveOf(seen))),
    activate: (before) => [['sh', '-c', ACTIVATE, 'orion-sysctl', path, ...oldValues(rowsOf(before), before)]],
  }
}

function textOf(rows: Rows): string {
  return ['# Made by orion from the site file.', ...rows.map(([key, value]) => `${key} = ${value}`), ''].join('\n')
}

function drift(key: string, value: string, live: ReadonlyMap<string, string>): Difference[] {
  const have = live.get(dotted(key))
  return have === undefined || spaced(have) === spaced(value) ? [] : [{ field: key, have: spaced(have), want: value }]
}

function oldValues(rows: Rows, before: HostFacts): string[] {
  const live = liveOf(before)
  return rows.flatMap(([key]) => (live.get(dotted(key)) ? [`${key}=${live.get(dotted(key))}`] : []))
}

function liveOf(seen: HostFacts): ReadonlyMap<string, string> {
  const rows = (said(seen, 'sysctl') ?? '').matchAll(/^(\S+) =(.*)$/gm)
  return new Map([...rows].map(([, key = '', value = '']) => [key, value.trim()]))
}

/** As sysctl(8) prints it: where `/` comes first it separates, and a `.` in a name becomes `/`. */
function dotted(key: string): string {
  if (!/^[^.]*\//.test(key)) return key
  return key.replace(/[./]/g, (sign) => (sign === '.' ? '/' : '.'))
}

function spaced(value: string): string {
  return value.trim().replace(/\s+/g, ' ')
}

function literal(text: string): string {
  return text.replace(/[^A-Za-z0-9_/-]/g, '\\$&')
}

/** The setting beside it that was meant. */
function suggestion(key: string, known: readonly string[]): string {
  const folder = key.slice(0, key.lastIndexOf('.') + 1)
  const beside = known.filter((one) => one.startsWith(folder)).map((one) => one.slice(folder.length))
  const found = nearest(key.slice(folder.length), beside)
  return found === undefined ? ' (a module that is not loaded?)' : ` (did you mean "${folder}${found}"?)`
}
