// Writes a site file: plain data to YAML that people like to read, in the order of the schema, with comments.
import { Document, isCollection, isPair, isScalar, isMap as isYamlMap, type Node } from 'yaml'
import type { SiteDraft } from './schema/schema.ts'
import { inSchemaOrder } from './schema-order.ts'

export interface WriteOptions {
  /** Comment lines at the top. */
  readonly head?: readonly string[]
  /** Path (`guests.router.nics.lan`, an index as number) → comment before it; several lines by `\n`. */
  readonly comments?: Readonly<Record<string, string>>
  /** Where an editor finds the JSON Schema: address or path. Default: none is named. */
  readonly schema?: string
}

/** What fits on one line beside its key. */
const INLINE = 88

/**
 * The text of a site file. Reading it gives the same site as `value`; the same value gives the same text.
 * Comments hold nothing that could end them: every control character is a blank.
 */
export function writeSite(value: SiteDraft, { head = [], comments = {}, schema }: WriteOptions = {}): string {
  const document = new Document(inSchemaOrder(value), { schema: 'core', aliasDuplicateObjects: false })
  const top = [...(schema === undefined ? [] : [`yaml-language-server: $schema=${schema}`]), ...head]
  arrange(document.contents, { path: '', indent: 0, comments })
  const text = document.toString({ lineWidth: 0, indentSeq: true })
  return `${top.map((line) => `#${toComment(line)}\n`).join('')}${text}`
}

/** `512M`, `32G`, `1.5T` becomes `1536G`: a size in MiB as the site file has it. */
export function printMib(mib: number): string {
  return mib % 1024 === 0 ? `${mib / 1024}G` : `${mib}M`
}

interface Spot {
  readonly path: string
  readonly indent: number
  readonly comments: Readonly<Record<string, string>>
}

/** Puts comments in their places and what is short on one line; returns whether anything in it has a comment. */
function arrange(node: unknown, { path, indent, comments }: Spot): boolean {
  if (!isCollection(node)) return false
  let commented = false
  node.items.forEach((item, index) => {
    const key = isPair(item) ? item.key : undefined
    const name = isScalar(key) ? String(key.value) : String(index)
    const at = path === '' ? name : `${path}.${name}`
    const comment = Object.hasOwn(comments, at) ? comments[at] : undefined
    const place = isPair(item) ? key : item
    if (comment !== undefined) annotate(place, comment)
    if (path === '' && index > 0 && isPair(item) && isCollection(item.value)) spaced(place)
    const inner = isPair(item) ? item.value : item
    const within = arrange(inner, { path: at, indent: indent + 2, comments })
    commented ||= comment !== undefined || within
  })
  if (!commented && isShort(node, path, indent)) node.flow = true
  return commented
}

function annotate(place: unknown, comment: string): void {
  if (isNode(place)) place.commentBefore = comment.split('\n').map(toComment).join('\n')
}

function spaced(place: unknown): void {
  if (isNode(place)) place.spaceBefore = true
}

const isNode = (value: unknown): value is Node => isScalar(value) || isCollection(value)

/** They grow, and their differences are read. */
const ENTRY = /^(nodes|guests)\.[^.]+$/

/** A list of words, or a small map below the entries of a section: `{ type: dir, path: /var/lib/vz }`. */
function isShort(node: Node, path: string, indent: number): boolean {
  if (!isCollection(node) || path === '' || node.items.length === 0) return isCollection(node) && path !== ''
  if (isYamlMap(node) && (!path.includes('.') || ENTRY.test(path))) return false
  const value: unknown = node.toJSON()
  const text = JSON.stringify(value)
  return (
    !/\\[nrt]/.test(text) && depthOf(value) <= 2 && text.length + indent + path.length - path.lastIndexOf('.') <= INLINE
  )
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function toComment(line: string): string {
  return ` ${line.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').trimEnd()}`
}
