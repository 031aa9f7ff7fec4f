// Package sources as apt reads them (sources.list(5)): entries found in both formats, and switched off without touching another byte.

/** One place that packages come from. */
export interface AptEntry {
  readonly types: readonly string[]
  readonly uris: readonly string[]
  readonly suites: readonly string[]
  readonly components: readonly string[]
  readonly signedBy: string | undefined
  readonly enabled: boolean
}

/** What becomes of an entry: kept, switched off, or other lines in its place. */
export type Fate = 'keep' | 'disable' | { readonly replace: readonly string[] }

const OFF = /^(?:no|false|without|off|disable|0)$/i

/** Every entry of a file (`.list` by its name, else deb822), switched as `decide` says; all other bytes stay. */
export function switchEntries(path: string, text: string, decide: (entry: AptEntry) => Fate): string {
  return path.endsWith('.list') ? switchLines(text, decide) : switchStanzas(text, decide)
}

/** All entries of a file. */
export function getEntries(path: string, text: string): readonly AptEntry[] {
  const found: AptEntry[] = []
  switchEntries(path, text, (entry) => {
    found.push(entry)
    return 'keep'
  })
  return found
}

function switchLines(text: string, decide: (entry: AptEntry) => Fate): string {
  const lines = text.split('\n').flatMap((line) => {
    const entry = parseLine(line)
    const fate = entry === undefined ? 'keep' : decide(entry)
    if (typeof fate === 'object') return fate.replace
    return fate === 'disable' ? [`# ${line}`] : [line]
  })
  return lines.join('\n')
}

/** `deb [signed-by=… arch=…] URI SUITE COMPONENT…` */
function parseLine(line: string): AptEntry | undefined {
  const found = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)([^#]*)/.exec(line)
  if (found === null) return undefined
  const [, type = '', options = '', uri = '', suite = '', rest = ''] = found
  const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1]
  return { types: [type], uris: [uri], suites: [suite], components: words(rest), signedBy, enabled: true }
}

function switchStanzas(text: string, decide: (entry: AptEntry) => Fate): string {
  const out: string[] = []
  let stanza: string[] = []
  const flush = () => {
    out.push(...switchStanza(stanza, decide))
    stanza = []
  }
  for (const line of text.split('\n')) {
    if (line.trim() !== '') stanza.push(line)
    else {
      flush()
      out.push(line)
    }
  }
  flush()
  return out.join('\n')
}

function switchStanza(lines: readonly string[], decide: (entry: AptEntry) => Fate): readonly string[] {
  const entry = parseStanza(lines)
  if (entry === undefined) return lines
  const fate = decide(entry)
  if (typeof fate === 'object') return [...lines.filter((line) => line.startsWith('#')), ...fate.replace]
  if (fate === 'keep') return lines
  const at = lines.findIndex((line) => /^Enabled\s*:/i.test(line))
  return at < 0 ? [...lines, 'Enabled: no'] : lines.map((line, place) => (place === at ? 'Enabled: no' : line))
}

function parseStanza(lines: readonly string[]): AptEntry | undefined {
  const fields = new Map<string, string>()
  let last = ''
  for (const line of lines.filter((one) => !one.startsWith('#'))) {
    const [, name, value = ''] = /^([^\s:]+)\s*:(.*)$/.exec(line) ?? []
    if (name !== undefined) last = name.toLowerCase()
    fields.set(last, name === undefined ? `${fields.get(last) ?? ''} ${line.trim()}` : value.trim())
  }
  const uris = words(fields.get('uris'))
  if (uris.length === 0) return undefined
  return {
    types: words(fields.get('types')),
    uris,
    suites: words(fields.get('suites')),
    components: words(fields.get('components')),
    signedBy: fields.get('signed-by'),
    enabled: !OFF.test(fields.get('enabled') ?? 'yes'),
  }
}

function words(text = ''): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
