// Tar streams in memory: what the host sends of its files, and what we send to it.
import { extract, type Header, pack } from 'tar-stream'
import type { SeenFile } from './host.ts'

/** In the place of a group's number: what a host unpacks with it has a group that it does not know. The largest that tar-stream writes. */
const NO_GROUP = 0o777777

/** A member that is sent: a plain file of root. */
export interface Member {
  readonly name: string
  readonly mode: number
  /** Default root. */
  readonly group?: string | undefined
  readonly content: string | Buffer
}

/** An uncompressed tar with these members in this order. */
export async function packMembers(members: readonly Member[]): Promise<Buffer> {
  const archive = pack()
  const chunks: Buffer[] = []
  archive.on('data', (chunk) => chunks.push(chunk as Buffer))
  const done = new Promise<void>((resolve, reject) => archive.on('end', resolve).on('error', reject))
  const root = { uid: 0, uname: 'root', type: 'file' } as const
  for (const { name, mode, group = 'root', content } of members) {
    // The name counts; the number only where the host has no such name.
    const rights = { ...root, gname: group, gid: group === 'root' ? 0 : NO_GROUP }
    archive.entry({ ...rights, name, mode, mtime: new Date() }, Buffer.from(content))
  }
  archive.finalize()
  await done
  return Buffer.concat(chunks)
}

/** The files of a tar by name. */
export async function unpackFiles(bytes: Buffer): Promise<Map<string, SeenFile>> {
  const files = new Map<string, SeenFile>()
  if (bytes.length === 0) return files
  const archive = extract()
  archive.end(bytes)
  for await (const entry of archive) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    const { name } = entry.header
    files.set(name.length > 1 ? name.replace(/\/$/, '') : name, toSeen(entry.header, Buffer.concat(chunks)))
  }
  return files
}

function toSeen({ type, linkname, mode, uid, uname, gid, gname }: Header, content: Buffer): SeenFile {
  const rights = { mode: (mode ?? 0) & 0o7777, owner: uname || String(uid ?? 0), group: gname || toGroup(gid) }
  if (type === 'symlink') return { kind: 'link', text: linkname ?? '', ...rights }
  const text = type === 'file' || type === 'contiguous-file' ? toText(content) : undefined
  return text === undefined ? { kind: 'other', text: '', ...rights } : { kind: 'file', text, ...rights }
}

/** Without a name: root's, as a header without a number says 0. */
const toGroup = (gid = 0): string => (gid === 0 ? 'root' : String(gid))

/** undefined for what is not UTF-8: its text could not be written back byte for byte. */
function toText(content: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return undefined
  }
}
