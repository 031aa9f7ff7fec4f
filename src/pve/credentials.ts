// The operator's credentials: API tokens that orion made or was given, in one file that only the operator can read.
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

const FORMAT = 1
const FIELDS = ['site', 'cluster', 'id', 'secret', 'fingerprint']

/** `$XDG_CONFIG_HOME/orion/credentials.json`; the variable counts only with an absolute path (XDG Base Directory). */
export function getCredentialsPath(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CONFIG_HOME
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.config'), 'orion', 'credentials.json')
}

/** All credentials; none where there is no file. Errors: E_SECRET for a file that others can read, or with another content. */
export async function readCredentials(path: string): Promise<readonly Credential[]> {
  const text = await readPrivate(path)
  return text === undefined ? [] : parseCredentials(text, path)
}

/** The credential for a cluster of a site. Errors: as readCredentials. */
export async function findCredential(path: string, site: string, cluster: string): Promise<Credential | undefined> {
  return (await readCredentials(path)).find((known) => isFor(known, site, cluster))
}

/**
 * Keeps a credential in the place of an older one for the same cluster. The file is replaced as a whole, and two runs that
 * write at once both keep theirs. Errors: E_SECRET.
 */
export async function keepCredential(path: string, credential: Credential): Promise<void> {
  await makePrivateDirectory(dirname(path))
  await withLock(`${path}.lock`, async (check) => {
    const others = (await readCredentials(path)).filter((known) => !isFor(known, credential.site, credential.cluster))
    const text = JSON.stringify({ format: FORMAT, credentials: [...others, pick(credential)] }, undefined, 2)
    await replacePrivate(path, `${text}\n`, check)
  })
}

function parseCredentials(text: string, path: string): readonly Credential[] {
  const file = parse(text)
  if (!isRecord(file) || !Array.isArray(file.credentials)) throw refused(`${path} is no file of credentials`)
  if (file.format !== FORMAT) {
    throw refused(`${path} has a format that this orion does not know`, 'Was it written by a newer one?')
  }
  return file.credentials.map((entry: unknown, index) => {
    if (isCredential(entry)) return entry
    throw refused(
      `${path} has an entry that orion does not know (number ${index + 1})`,
      'Was it written by a newer one?',
    )
  })
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
  if (!isRecord(entry) || Object.keys(entry).some((key) => !FIELDS.includes(key))) return false
  const { fingerprint = '', ...rest } = entry
  return (
    ['site', 'cluster', 'id', 'secret'].every((key) => typeof rest[key] === 'string') && typeof fingerprint === 'string'
  )
}

function pick({ site, cluster, id, secret, fingerprint }: Credential): Credential {
  return { site, cluster, id, secret, ...(fingerprint === undefined ? {} : { fingerprint }) }
}

function isFor(credential: Credential, site: string, cluster: string): boolean {
  return credential.site === site && credential.cluster === cluster
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
