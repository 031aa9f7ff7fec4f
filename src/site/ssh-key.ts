// Public keys of the site file: literal, or read from the operator's files.
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'

/** What an entry of `sshKeys` turned out to be. */
export type KeySource =
  | { readonly keys: readonly string[]; readonly warning?: string }
  /** `missing`: the entry is good, and this machine does not have the file. */
  | { readonly problem: string; readonly missing?: true }

export interface KeyOptions {
  /** The site file; paths are relative to its folder. */
  readonly file: string
  readonly home?: string | undefined
  /** Stands in for a key file that is missing: the rehearsal lab needs no key of yours. */
  readonly standInKey?: string | undefined
}

/** Larger than any list of public keys of one person. */
const MAX_BYTES = 64 * 1024
/** Types of OpenSSH: plain, of a security key (sk-), and certificates are left out on purpose. */
const TYPE =
  /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/
const NO_KEY = 'is neither a public key of OpenSSH nor the path of one'

/** Reads every distinct entry once. Never throws: what is wrong is a `problem`, without the text of a private key. */
export async function readKeys(entries: Iterable<string>, options: KeyOptions): Promise<Map<string, KeySource>> {
  const sources = new Map<string, KeySource>()
  for (const entry of new Set(entries)) sources.set(entry, await readEntry(entry, options))
  return sources
}

async function readEntry(entry: string, options: KeyOptions): Promise<KeySource> {
  if (entry.includes('PRIVATE KEY')) return { problem: 'is a private key: give the public one, which ends in .pub' }
  if (/\s/.test(entry.trim()) && TYPE.test(entry.trim().split(/\s/)[0] ?? '')) return parseKeys(entry)
  if (!/^[~./]|\.pub$|\//.test(entry)) return { problem: NO_KEY }
  const home = options.home ?? homedir()
  const path =
    entry === '~' || entry.startsWith('~/') ? resolve(home, entry.slice(2)) : resolve(dirname(options.file), entry)
  return await readKeyFile(path, entry, options)
}

async function readKeyFile(path: string, entry: string, { standInKey }: KeyOptions): Promise<KeySource> {
  try {
    const info = await stat(path)
    if (!info.isFile()) return { problem: `${entry} is not a file` }
    if (info.size > MAX_BYTES) return { problem: `${entry} is too large for a public key` }
    const source = parseKeys(await readFile(path, 'utf8'))
    return 'problem' in source ? { problem: `${entry} ${source.problem}` } : source
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { problem: `${entry} cannot be read: ${code}` }
    if (standInKey === undefined)
      return {
        problem: `${entry} does not exist: make a key with ssh-keygen -t ed25519, or name another`,
        missing: true,
      }
    return { keys: [standInKey.trim()], warning: `${entry} does not exist: in the lab, a key made for it stands in` }
  }
}

/** One key a line, as in authorized_keys; blank lines and comments are left out. */
export function parseKeys(text: string): KeySource {
  if (text.includes('PRIVATE KEY')) return { problem: 'holds a private key: name the public one, which ends in .pub' }
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length === 0) return { problem: 'holds no public key' }
  if (!lines.every(isPublicKey)) return { problem: 'holds something that is not a public key of OpenSSH' }
  return { keys: lines }
}

/** `TYPE BASE64 [COMMENT]`, and the base64 begins with that type again (RFC 4253, section 6.6). */
export function isPublicKey(line: string): boolean {
  const [type = '', body = ''] = line.split(/[ \t]+/)
  if (!TYPE.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(body) || /\p{Cc}/u.test(line.replaceAll('\t', ' ')))
    return false
  const blob = Buffer.from(body, 'base64')
  return (
    blob.length > 4 + type.length &&
    blob.readUInt32BE(0) === type.length &&
    blob.subarray(4, 4 + type.length).toString() === type
  )
}
