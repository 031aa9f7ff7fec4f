// The real site files with an edit, and all that it leads to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSite } from '../../src/site/load.ts'
import type { Located } from '../../src/site/site.ts'
import { SiteError } from '../../src/site/site-error.ts'
import { KEY } from './site-text.ts'

export type File = 'orion' | 'hive' | 'federation'
export type Edit = readonly [string, string]

const read = (file: File) => readFileSync(`templates/sites/${file}.yaml`, 'utf8')

/** Errors and warnings of the file after the edits, but for the key that stands in. */
export async function findings(file: File, ...edits: readonly Edit[]): Promise<readonly Located[]> {
  const text = edits.reduce((before, [from, to]) => {
    assert.ok(before.includes(from), `${file}.yaml holds ${from}`)
    return before.replace(from, to)
  }, read(file))
  const all = await parseSite(text, join(process.cwd(), `${file}.yaml`), { home: '/nowhere', standInKey: KEY }).then(
    ({ warnings }) => warnings,
    (error: unknown) => {
      assert.ok(error instanceof SiteError)
      return error.findings
    },
  )
  return all.filter(({ path }) => !path.includes('sshKeys'))
}

/** What was changed, in which file, and `severity path: message` of all that it leads to; none = still good. */
export type Row = readonly [string, File, readonly Edit[], readonly string[]]

/** A test for each row. */
export function tryRows(rows: readonly Row[]): void {
  for (const [title, file, edits, wanted] of rows)
    it(`${file}: ${title}`, async () => {
      const found = await findings(file, ...edits)
      const lines = found.map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`)
      assert.deepEqual(lines, wanted)
    })
}
