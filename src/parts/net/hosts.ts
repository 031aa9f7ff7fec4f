// /etc/hosts: the one line of each node's name, as Proxmox wants it; every other line stays as it is.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, SSH_ENDS, said } from '../../resources/host-facts.ts'
import type { Node, Site } from '../../site/site.ts'

const PATH = '/etc/hosts'
const IP = /^(?:\d+\.\d+\.\d+\.\d+|[0-9a-f:.]*:[0-9a-f:.]*)$/i

interface Entry {
  readonly address: string
  /** `r730.orion.lan`. */
  readonly full: string
  readonly short: string
}

export function hostsFacts(site: Site, node: Node): Facts {
  return hasEntry(site, node) ? { files: [PATH] } : {}
}

/** A name needs a domain, and an address that is one. */
function hasEntry({ domain }: Site, { address }: Node): boolean {
  return domain !== undefined && IP.test(address)
}

/**
 * The node's own line, and those of the other nodes of its cluster: Proxmox VE finds its own address, and its cluster, by
 * them. An address that the node does not have itself (behind NAT) is not written.
 */
export function hosts(site: Site, node: Node, wish: FileSet['wish']): FileSet | undefined {
  if (!hasEntry(site, node)) return undefined
  const peers = site.nodes.filter((one) => one !== node && one.cluster === node.cluster && hasEntry(site, one))
  const toEntry = ({ name, address }: Node): Entry => ({ address, full: `${name}.${site.domain}`, short: name })
  const declared = Object.values(node.addresses).flat()
  return {
    host: node.name,
    name: 'hosts',
    title: `${PATH} of ${node.name}`,
    wish,
    files: (seen) => {
      const ours = declared.includes(node.address) || said(seen, SSH_ENDS)?.split(' ')[1] === node.address
      const entries = [...(ours ? [node] : []), ...peers].map(toEntry)
      // The last one first: each new line goes to the same place.
      const text = entries.reduceRight(withEntry, seen.files.get(PATH)?.text ?? '127.0.0.1 localhost\n')
      return [{ path: PATH, text }]
    },
    activate: [],
  }
}

/** The text with exactly one line for this name. A line that is right already stays byte for byte. */
export function withEntry(text: string, entry: Entry): string {
  const lines = text.split('\n')
  const right = lines.findIndex((line) => isRight(line, entry))
  const place = right >= 0 ? right : lines.findIndex((line) => namesOf(line).some((name) => isName(name, entry)))
  const all = lines.flatMap((line, at) => {
    if (at !== place) return withoutName(line, entry) ?? []
    return right >= 0 ? [line] : rewritten(line, entry)
  })
  if (place < 0) all.splice(afterLocalhost(all), 0, written(entry))
  return all.join('\n')
}

function written({ address, full, short }: Entry): string {
  return `${address} ${full} ${short}`
}

/** The line that has the name now: its other names stay, on a line of their own where the address was another one. */
function rewritten(line: string, entry: Entry): string[] {
  const kept = withoutName(line, entry)
  if (addressOf(line) !== entry.address) return [...(kept === undefined ? [] : [kept]), written(entry)]
  const rest = namesOf(line).filter((name) => !isName(name, entry))
  return [[written(entry), ...rest].join(' ') + (/\s*#.*$/.exec(line)?.[0] ?? '')]
}

/** The line without this name; undefined where nothing else was on it. */
function withoutName(line: string, entry: Entry): string | undefined {
  const names = namesOf(line)
  const rest = names.filter((name) => !isName(name, entry))
  if (rest.length === names.length) return line
  const comment = /\s*#.*$/.exec(line)?.[0] ?? ''
  return rest.length === 0 ? undefined : `${addressOf(line)} ${rest.join(' ')}${comment}`
}

function isRight(line: string, { address, full, short }: Entry): boolean {
  const [first, ...more] = namesOf(line)
  return addressOf(line) === address && first === full && more.includes(short)
}

function isName(name: string, { full, short }: Entry): boolean {
  return [full, short].some((own) => own.toLowerCase() === name.toLowerCase())
}

function wordsOf(line: string): string[] {
  return line
    .replace(/#.*/, '')
    .split(/\s+/)
    .filter((word) => word !== '')
}

function addressOf(line: string): string {
  return wordsOf(line)[0] ?? ''
}

function namesOf(line: string): string[] {
  return wordsOf(line).slice(1)
}

/** Where Proxmox's installer puts it: below the line of localhost; else at the top. */
function afterLocalhost(lines: readonly string[]): number {
  return lines.findIndex((line) => addressOf(line) === '127.0.0.1') + 1
}
