// The lab's self-signed certificate: made once per lab folder, so that a pinned fingerprint stays right.
import { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Certificate {
  readonly key: string
  readonly cert: string
  /** SHA-256 over the certificate, `AA:BB:…`. */
  readonly fingerprint: string
}

const YEARS_10_MS = 10 * 365 * 24 * 60 * 60 * 1000

/** Reads the certificate of a lab folder, or makes and keeps one (0600). */
export async function labCertificate(dir: string): Promise<Certificate> {
  const file = join(dir, 'certificate.json')
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  const { key, cert } = kept === undefined ? await makeCertificate() : (JSON.parse(kept) as Certificate)
  if (kept === undefined) await writeFile(file, JSON.stringify({ key, cert }), { mode: 0o600 })
  await writeFile(join(dir, 'certificate.pem'), cert, { mode: 0o600 }) // For other clients: curl --cacert.
  return { key, cert, fingerprint: new X509Certificate(cert).fingerprint256 }
}

async function makeCertificate(): Promise<{ key: string; cert: string }> {
  const { generate } = await import('selfsigned')
  const pems = await generate([{ name: 'commonName', value: 'orion lab' }], {
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + YEARS_10_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key: pems.private, cert: pems.cert }
}
