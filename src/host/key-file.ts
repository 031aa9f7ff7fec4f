// Private keys in files: found by path, opened with a passphrase only when a server has accepted them.
import { readFile } from 'node:fs/promises'
import ssh2, { type BaseAgent, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'
import { readWire } from './wire.ts'

export interface KeyFile {
  readonly path: string
  /** Named by the operator, not one of ssh's default names. */
  readonly explicit: boolean
}

/** A key file that is there. */
export interface FoundKey extends KeyFile {
  readonly text: string
  readonly encrypted: boolean
  /** Of an unencrypted one. */
  readonly key: ParsedKey | undefined
  /** The public half, where it can be had without the passphrase. */
  readonly publicKey: Buffer | undefined
}

/** `attempt`: 1, then 2 and 3 after a wrong one; undefined = nobody knows it, or there is no other. */
export type AskPassphrase = (keyFile: string, attempt: number) => Promise<string | undefined>

/** What became of a file. `problem` is for people. */
export type Found =
  | { readonly found: FoundKey }
  | { readonly path: string; readonly explicit: boolean; readonly problem: string | undefined }

export async function readKeyFile({ path, explicit }: KeyFile): Promise<Found> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const absent = code === 'ENOENT' || code === 'ENOTDIR'
    return { path, explicit, problem: absent ? (explicit ? 'no such file' : undefined) : `cannot be read (${code})` }
  }
  const key = toKey(ssh2.utils.parseKey(text))
  if (key?.isPrivateKey())
    return { found: { path, explicit, text, encrypted: false, key, publicKey: key.getPublicSSH() } }
  if (key) return { path, explicit, problem: 'a public key' }
  if (!isEncrypted(text)) return { path, explicit, problem: 'not a private key that orion can read' }
  return { found: { path, explicit, text, encrypted: true, key: undefined, publicKey: await readPublic(path, text) } }
}

function toKey(parsed: ParsedKey | ParsedKey[] | Error): ParsedKey | undefined {
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  return key instanceof Error ? undefined : key
}

const MAGIC = 'openssh-key-v1\0'

function getContainer(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+)-----END/.exec(text)?.[1]
  const bytes = Buffer.from(body ?? '', 'base64')
  return bytes.subarray(0, MAGIC.length).toString('latin1') === MAGIC ? bytes.subarray(MAGIC.length) : undefined
}

function isEncrypted(text: string): boolean {
  const container = getContainer(text)
  if (container) return readWire(container).string().toString() !== 'none'
  return /^-----BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED|^Encryption: aes/m.test(text)
}

/** OpenSSH's own format holds the public half in the clear; beside others there may be a .pub file. */
async function readPublic(path: string, text: string): Promise<Buffer | undefined> {
  const container = getContainer(text)
  if (!container) {
    const pub = await readFile(`${path}.pub`, 'utf8').catch(() => '')
    return toKey(ssh2.utils.parseKey(pub))?.getPublicSSH()
  }
  const read = readWire(container)
  for (const _ of ['cipher', 'kdf', 'kdf options']) read.string()
  read.uint32()
  return read.string()
}

/** Opened keys of this process by path: one question for ten hosts, and one slow derivation. */
const opened = new Map<string, Promise<ParsedKey | Locked>>()

type Locked = 'no passphrase' | 'wrong passphrase'

/** As often as ssh asks for a passphrase. */
const ATTEMPTS = 3

/** The key, or why it stays closed. */
async function openKey({ path, text }: FoundKey, ask: AskPassphrase): Promise<ParsedKey | Locked> {
  const attempt = opened.get(path) ?? decrypt(path, text, ask)
  opened.set(path, attempt)
  const key = await attempt.catch((error) => {
    opened.delete(path)
    throw error
  })
  if (typeof key === 'string') opened.delete(path)
  return key
}

async function decrypt(path: string, text: string, ask: AskPassphrase): Promise<ParsedKey | Locked> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const passphrase = await ask(path, attempt)
    if (passphrase === undefined) return attempt === 1 ? 'no passphrase' : 'wrong passphrase'
    const key = toKey(ssh2.utils.parseKey(text, passphrase))
    if (key) return key
  }
  return 'wrong passphrase'
}

/** Gives the public half to a server first; the passphrase is asked for when the server wants a signature. `failed`: told why, or the error of asking. */
export function toAgent(
  file: FoundKey,
  publicKey: Buffer,
  ask: AskPassphrase,
  failed: (why: unknown) => void,
): BaseAgent {
  const sign = (
    _key: unknown,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ) => {
    const done = typeof options === 'function' ? options : callback
    const hash = typeof options === 'function' ? undefined : options.hash
    openKey(file, ask).then(
      (key) => {
        if (typeof key !== 'string') return done?.(undefined, key.sign(data, hash))
        failed(key)
        done?.(new Error('the key cannot be opened'))
      },
      (error: Error) => {
        failed(error)
        done?.(error)
      },
    )
  }
  return fakeAgent([publicKey], sign)
}

/** An agent that knows these keys only. `sign`: instead of the one behind the socket. */
export function fakeAgent(keys: readonly Buffer[], sign?: BaseAgent['sign'], socket = 'unused'): BaseAgent {
  const getIdentities: BaseAgent['getIdentities'] = (callback) => callback(undefined, [...keys])
  // ssh2 takes only what descends from its own class.
  return Object.assign(ssh2.createAgent(socket), { getIdentities, ...(sign ? { sign } : {}) })
}
