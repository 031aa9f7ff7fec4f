// The operator's file of API tokens and pinned certificates: one document that only the operator can read, replaced as a whole.
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { withLock } from './lock-file.ts'
import { makePrivateDirectory, readPrivate, refused, replacePrivate } from './private-file.ts'

export interface Credential {
  readonly site: string
  readonly cluster: string
  /** `user@realm!token` */
  readonly id: string
  readonly secret: string
  /** SHA-256 of the certificate that the token was made behind. */
  readonly fingerprint?: string
}

/** The certificate of one node's API, as the host itself told it over SSH. */
export interface Pin {
  readonly site: string
  readonly node: string
  /** SHA-256, `AA:BB:…`. */
  readonly fingerprint: string
}

export interface CredentialFile {
  readonly credentials: readonly Credential[]
  readonly pins: readonly Pin[]
}

const FORMAT = 1
const CREDENTIAL = ['site', 'cluster', 'id', 'secret']
const PIN = ['site', 'node', 'fingerprint']

/** `$XDG_CONFIG_HOME/orion/credentials.json`; the variable counts only with an absolute path (XDG Base Directory). */
export function getCredentialsPath(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CONFIG_HOME
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.config'), 'orion', 'credentials.json')
}

/** What the file holds; nothing where there is none. Errors: E_SECRET for a file that others can read, or with another content. */
export async function readCredentialFile(path: string): Promise<CredentialFile> {
  const text = await readPrivate(path)
  return text === undefined ? { credentials: [], pins: [] } : parseFile(text, path)
}

/** Changes the file; two runs that do so at once both get what they want. Errors: E_SECRET. */
export async function changeCredentialFile(
  path: string,
  change: (file: CredentialFile) => CredentialFile,
): Promise<void> {
  await makePrivateDirectory(dirname(path))
  await withLock(`${path}.lock`, async (check) => {
    const { credentials, pins } = change(await readCredentialFile(path))
    const file = { format: FORMAT, credentials, ...(pins.length === 0 ? {} : { pins }) }
    await replacePrivate(path, `${JSON.stringify(file, undefined, 2)}\n`, check)
  })
}

function parseFile(text: string, path: string): CredentialFile {
  const file = parse(text)
  if (!isRecord(file) || !Array.isArray(file.credentials)) throw refused(`${path} is no file of credentials`)
  if (file.format !== FORMAT) {
    throw refused(`${path} has a format that this orion does not know`, 'Was it written by a newer one?')
  }
  const { credentials, pins = [] } = file
  if (!Array.isArray(pins)) throw refused(`${path} is no file of credentials`)
  return {
    credentials: credentials.map((entry: unknown, at) => {
      if (isCredential(entry)) return entry
      throw unknown(path, `an entry that orion does not know (number ${at + 1})`)
    }),
    pins: pins.map((entry: unknown, at) => {
      if (isPin(entry)) return entry
      throw unknown(path, `a certificate that orion does not know (number ${at + 1})`)
    }),
  }
}

function unknown(path: string, what: string): Error {
  return refused(`${path} has ${what}`, 'Was it written by a newer one?')
}

// JSON.parse quotes a piece of the text in its error, which could be a secret.
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isCredential(entry: unknown): entry is Credential {
  return hasTexts(entry, CREDENTIAL, ['fingerprint'])
}

function isPin(entry: unknown): entry is Pin {
  return hasTexts(entry, PIN)
}

/** Has it these keys and no others, and only texts? */
function hasTexts(entry: unknown, keys: readonly string[], optional: readonly string[] = []): boolean {
  if (!isRecord(entry)) return false
  const found = Object.entries(entry)
  const known = found.every(([key, value]) => [...keys, ...optional].includes(key) && typeof value === 'string')
  return known && keys.every((key) => key in entry)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
