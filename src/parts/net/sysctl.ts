// Kernel settings of a node: one drop-in of orion's own, in force at once and after a restart.
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { nearest } from '../../site/nearest.ts'
import type { Node } from '../../site/site.ts'

// Debian 13 no longer reads /etc/sysctl.conf; a late name goes before what packages ship.
const PATH = '/etc/sysctl.d/90-orion.conf'

// The old live values first, then the file: the same program puts them back after the old file was.
const ACTIVATE = 'f=$1; shift; [ $# = 0 ] || sysctl -q -w "$@" || exit; [ ! -e "$f" ] || sysctl -q -p "$f"'

export function sysctlFacts({ sysctl }: Node): Facts {
  const keys = Object.keys(sysctl)
  if (keys.length === 0) return {}
  // The wanted keys and what stands beside them, for a hint where one does not exist.
  const folders = [...new Set(keys.map((key) => dotted(key).replace(/\.[^.]*$/, '')))].map(literal)
  const pattern = `^(${folders.join('|')})\\.[^.]*$`
  return { files: [PATH], commands: { sysctl: ['sysctl', '-a', '--pattern', pattern] } }
}

/** `sysctl` of a node as /etc/sysctl.d/90-orion.conf. A key that the host's kernel does not have is a problem. */
export function sysctl({ name, sysctl: wanted }: Node, wish: FileSet['wish']): FileSet {
  const rows = Object.entries(wanted)
  const text = ['# Made by orion from the site file.', ...rows.map(([key, value]) => `${key} = ${value}`), ''].join(
    '\n',
  )
  return {
    host: name,
    name: 'sysctl',
    wish,
    owned: true,
    files: () => [{ path: PATH, text }],
    problems: (seen) => {
      const live = liveOf(seen)
      const missing = rows.map(([key]) => key).filter((key) => !live.has(dotted(key)))
      return missing.map((key) => `the kernel has no setting ${key}${suggestion(dotted(key), [...live.keys()])}`)
    },
    drift: (seen) => rows.flatMap(([key, value]) => drift(key, value, liveOf(seen))),
    activate: (before) => [['sh', '-c', ACTIVATE, 'orion-sysctl', PATH, ...oldValues(rows, before)]],
  }
}

function drift(key: string, value: string, live: ReadonlyMap<string, string>): Difference[] {
  const have = live.get(dotted(key))
  return have === undefined || spaced(have) === spaced(value) ? [] : [{ field: key, have: spaced(have), want: value }]
}

function oldValues(rows: readonly (readonly [string, string])[], before: HostFacts): string[] {
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
