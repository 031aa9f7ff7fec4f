// /etc/network/interfaces as segments that, joined again, are the same text: interfaces(5) as ifupdown2 and Proxmox read it.

/** One logical line; `raw` holds its continuation lines too. */
export interface Line {
  readonly raw: string
  /** The option's name; '' for a blank line or a comment. */
  readonly key: string
  readonly value: string
}

/** One `iface` block with what belongs to it: options, and comments that follow without a blank line (Proxmox's own notes). */
export interface Stanza {
  readonly kind: 'stanza'
  /** The `iface` line itself. */
  readonly raw: string
  readonly name: string
  readonly family: string
  readonly method: string
  readonly body: readonly Line[]
}

/** `auto`, `allow-hotplug` … with the names on it. */
export interface Start {
  readonly kind: 'start'
  readonly raw: string
  readonly word: string
  readonly names: readonly string[]
}

export type Segment =
  | Stanza
  | Start
  /** `source` and `source-directory`; a blank line or comment between stanzas; anything else (`mapping` with its lines). */
  | { readonly kind: 'source' | 'gap' | 'other'; readonly raw: string }

/** The text's segments, in order; `print` gives the text back. */
export function parse(text: string): readonly Segment[] {
  const segments: Segment[] = []
  let header: Line | undefined
  let body: Line[] = []
  let pending: Line[] = [] // blank lines and comments of which nobody knows yet whose they are
  const close = () => {
    if (header) segments.push(toBlock(header, body))
    segments.push(...pending.map(({ raw }): Segment => ({ kind: 'gap', raw })))
    header = undefined
    body = []
    pending = []
  }
  for (const line of toLines(text)) {
    if (isOpening(line.key)) {
      close()
      header = line
    } else if (isAlone(line.key) || (line.key !== '' && !header)) {
      close()
      segments.push(toSegment(line))
    } else if (line.key !== '') {
      body.push(...pending, line)
      pending = []
    } else if (header && pending.length === 0 && line.raw.trim() !== '') body.push(line)
    else pending.push(line)
  }
  close()
  return segments
}

/** Every segment's text; the last line ends with a line feed. */
export function print(segments: readonly Segment[]): string {
  return segments.map((segment) => `${rawOf(segment)}\n`).join('')
}

function rawOf(segment: Segment): string {
  return segment.kind === 'stanza' ? [segment.raw, ...segment.body.map(({ raw }) => raw)].join('\n') : segment.raw
}

/** A line that ends in a backslash goes on in the next one. */
function toLines(text: string): readonly Line[] {
  const lines: Line[] = []
  const raws = text.split('\n')
  if (raws.at(-1) === '') raws.pop()
  for (let at = 0; at < raws.length; at++) {
    let raw = raws[at] ?? ''
    while (raw.endsWith('\\') && !raw.trimStart().startsWith('#') && at + 1 < raws.length) raw += `\n${raws[++at]}`
    lines.push(toLine(raw))
  }
  return lines
}

function toLine(raw: string): Line {
  const words = raw.replaceAll('\\\n', ' ').replace(/\\$/, '').trim()
  if (words === '' || words.startsWith('#')) return { raw, key: '', value: '' }
  const [key = '', ...rest] = words.split(/\s+/)
  return { raw, key, value: rest.join(' ') }
}

const ALONE = /^(auto|allow-\S+|no-auto-down|no-scripts|source|source-directory|rename)$/

const isOpening = (key: string): boolean => key === 'iface' || key === 'mapping'
const isAlone = (key: string): boolean => ALONE.test(key)

function toBlock(header: Line, body: readonly Line[]): Segment {
  if (header.key === 'mapping') return { kind: 'other', raw: [header, ...body].map(({ raw }) => raw).join('\n') }
  const [name = '', family = 'inet', method = 'manual'] = header.value.split(' ')
  return { kind: 'stanza', raw: header.raw, name, family, method, body }
}

function toSegment({ raw, key, value }: Line): Segment {
  if (key.startsWith('source')) return { kind: 'source', raw }
  if (key === 'auto' || key.startsWith('allow-')) return { kind: 'start', raw, word: key, names: value.split(' ') }
  return { kind: 'other', raw }
}
