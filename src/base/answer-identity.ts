// Who orion is to an installer: a certificate and a token per node, kept (0600), because their fingerprint goes into the ISO.
import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeOut } from './out-file.ts'

export interface Identity {
  readonly key: string
  readonly cert: string
  /** SHA-256 over the certificate, `AA:BB:…`. */
  readonly fingerprint: string
  readonly token: string
  /** Holds the token alone, for a command line that must not name it. */
  readonly tokenFile: string
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000
/** An image that was made once shall do for as long as the machine lives. */
const LASTS_MS = 20 * YEAR_MS

/** Reads it, or makes one where there is none, or its certificate ends within a year. */
export async function readIdentity(dir: string, node: string): Promise<Identity> {
  const file = join(dir, `answer-${node}.json`)
  const tokenFile = join(dir, `answer-${node}.token`)
  const kept = await readFile(file, 'utf8').then(parse, () => undefined)
  const { key, cert, token } = kept ?? (await makeIdentity(node))
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if (!kept) await writeOut(file, JSON.stringify({ key, cert, token }), 0o600)
  await writeOut(tokenFile, `${token}\n`, 0o600)
  return { key, cert, token, tokenFile, fingerprint: new X509Certificate(cert).fingerprint256 }
}

type Kept = Pick<Identity, 'key' | 'cert' | 'token'>

function parse(text: string): Kept | undefined {
  try {
    const { key, cert, token } = JSON.parse(text) as Kept
    const ends = Date.parse(new X509Certificate(cert).validTo)
    return key && token && ends - Date.now() > YEAR_MS ? { key, cert, token } : undefined
  } catch {
    return undefined
  }
}

async function makeIdentity(node: string): Promise<Kept> {
  const { generate } = await import('selfsigned')
  const { private: key, cert } = await generate([{ name: 'commonName', value: `orion answers ${node}` }], {
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + LASTS_MS),
  })
  return { key, cert, token: randomBytes(24).toString('base64url') }
}
