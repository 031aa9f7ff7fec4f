// known_hosts files as sshd(8) describes them: which keys and certificate authorities are trusted for a host, and which keys never again.
import { createHmac } from 'node:crypto'
import { appendFile, chmod, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface KnownKey {
  /** E.g. `ssh-ed25519`. */
  readonly type: string
  /** The key itself, base64. */
  readonly key: string
  /** `file:line`, for people. */
  readonly place: string
}

/** What the files say about one host. */
export interface Known {
  readonly keys: readonly KnownKey[]
  readonly authorities: readonly KnownKey[]
  readonly revoked: readonly KnownKey[]
}

/** The name under which ssh keeps a host: the port is part of it unless it is 22. */
export function getHostName(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** Reads the files anew; those that are missing are empty. `name`: of getHostName, or a HostKeyAlias. */
export async function readKnown(files: readonly string[], name: string): Promise<Known> {
  const known: { [list in keyof Known]: KnownKey[] } = { keys: [], authorities: [], revoked: [] }
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      const row = parseRow(line)
      if (row && isMatch(row.hosts, name)) known[row.list].push({ ...row.key, place: `${file}:${index + 1}` })
    }
  }
  return known
}

interface Row {
  readonly list: keyof Known
  readonly hosts: string
  readonly key: { readonly type: string; readonly key: string }
}

const LISTS: Readonly<Record<string, keyof Known>> = { '@cert-authority': 'authorities', '@revoked': 'revoked' }

function parseRow(line: string): Row | undefined {
  const words = line.trim().split(/\s+/)
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined
  const [hosts = '', type = '', key = ''] = words
  if (hosts.startsWith('#') || key === '') return undefined
  // A marker that we do not know may restrict: its line is not taken for a plain trusted key.
  const list = marker === undefined ? 'keys' : LISTS[marker]
  return list && { list, hosts, key: { type, key } }
}

/** A list of patterns with commas, or one hashed name. A negated pattern that fits excludes the whole line. */
function isMatch(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return isHashOf(hosts, name)
  const patterns = hosts.toLowerCase().split(',')
  const negated = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
  const fits = (pattern: string) => isPatternOf(pattern, name)
  return !negated.some(fits) && patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern))
}

/** `|1|SALT|HMAC-SHA1 of the name|`. */
function isHashOf(hosts: string, name: string): boolean {
  const [, kind, salt = '', hash] = hosts.split('|')
  return kind === '1' && createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

/** `*` any characters, `?` one; brackets of `[host]:port` are plain characters. */
export function isPatternOf(pattern: string, name: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name)
}

/** Adds a line, in a file of the operator's own (0600). */
export async function addKnown(file: string, name: string, type: string, key: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const before = await readFile(file, 'utf8').catch(() => '')
  const start = before === '' || before.endsWith('\n') ? '' : '\n'
  await appendFile(file, `${start}${name} ${type} ${key.toString('base64')}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
}
