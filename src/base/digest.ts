// Digests by which two pieces of data are told apart: of plain data whatever the order of its keys, and of the site file.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** SHA-256 of plain JSON data, as hex; objects with the same keys and values have the same one. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(value)))
    .digest('hex')
}

/** SHA-256 of the bytes of the site file, as hex, as sha256sum prints it. Errors: those of reading a file. */
export async function getSiteDigest(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  // Pairs and not an object again: a key such as `__proto__` is data here.
  return {
    keys: entries.map(([key, one]) => [key, sortKeys(one)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  }
}
