// The sources of a simulated host's apt: its files of one stanza or more, and the servers that they name.
import { failed, type Output, ok } from './machine.ts'
import { type HostState, textAt } from './state.ts'

/** A stanza (deb822) that is on. */
export interface AptSource {
  readonly path: string
  /** The lines of a value as they stand. */
  readonly fields: ReadonlyMap<string, string>
}

const FILES = /^\/etc\/apt\/sources\.list(?:$|\.d\/[^/]+\.(?:list|sources)$)/

/** Of the files that end in `.sources`. */
export function aptSources(host: HostState): readonly AptSource[] {
  const paths = Object.keys(host.files).filter((path) => FILES.test(path) && path.endsWith('.sources'))
  return paths.flatMap((path) => {
    const parts = (textAt(host, path) ?? '').replace(/^#.*\n/gm, '').split(/\n[ \t]*\n/)
    const all = parts.filter((part) => part.trim() !== '').map((part) => ({ path, fields: fieldsOf(part) }))
    return all.filter(({ fields }) => !/^(no|false|0)$/i.test(fields.get('Enabled')?.trim() ?? ''))
  })
}

function fieldsOf(part: string): ReadonlyMap<string, string> {
  const rows = part.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm)
  return new Map([...rows].map(([, name = '', value = '']) => [name, value.replace(/^ /, '')]))
}

/** `apt-get indextargets --format '$(SITE)'`: the servers, one line each. */
export function indexTargets(host: HostState): Output {
  const broken = aptSources(host).find(({ fields }) => missingIn(fields) !== undefined)
  if (broken !== undefined)
    return failed(100, `E: Malformed entry 1 in sources file ${broken.path} (${missingIn(broken.fields)})`)
  const uris = aptSources(host).flatMap(({ fields }) => fields.get('URIs')?.match(/https?:\/\/\S+/g) ?? [])
  return ok([...new Set([...uris, ...listed(host)])].map((line) => `${line}\n`).join(''))
}

function missingIn(fields: AptSource['fields']): string | undefined {
  if (!/^deb(-src)?/.test(fields.get('Types')?.trim() ?? '')) return 'Type'
  if (!fields.has('URIs')) return 'URI'
  if (!fields.has('Suites')) return 'Suite'
  return fields.has('Components') || fields.get('Suites')?.trim().endsWith('/') ? undefined : 'Component'
}

/** Of files of single lines; what they mean beyond that is not looked at. */
function listed(host: HostState): string[] {
  const paths = Object.keys(host.files).filter((path) => FILES.test(path) && !path.endsWith('.sources'))
  const lines = paths.flatMap((path) => (textAt(host, path) ?? '').split('\n'))
  return lines.filter((line) => !/^\s*#/.test(line)).flatMap((line) => line.match(/https?:\/\/\S+/g) ?? [])
}
