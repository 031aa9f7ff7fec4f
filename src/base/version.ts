// The version of orion itself, for what outlives a run: saved plans, the journal.
import { readFile } from 'node:fs/promises'

/** Of package.json, which lies beside src/ and dist/ alike. */
export async function getVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return String(JSON.parse(text).version)
}
