// Loads a site file: text, YAML, schema, names, rules; every mistake of all of them at once.
import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readDocument, type SiteDocument } from './document.ts'
import { checkSchema } from './problems.ts'
import { checkSite } from './rules/rules.ts'
import type { SiteInput } from './schema/schema.ts'
import { type Shaped, shapeSite } from './shape/shape.ts'
import type { Finding, Located, Site } from './site.ts'
import { SiteError } from './site-error.ts'
import { displayName, readSource } from './source.ts'
import { readKeys } from './ssh-key.ts'

/** A file with more mistakes than this is not a site file; giving each a place would take minutes. */
const MAX_FINDINGS = 10_000

export interface LoadOptions {
  /** What `~` stands for; default: the user's home. */
  readonly home?: string
  /** A public key that stands in for a key file that is missing, with a warning: for the rehearsal lab. */
  readonly standInKey?: string
}

/**
 * Reads a site file. Warnings are in `site.warnings`.
 * Errors: SiteError (E_SITE) with every mistake, by position; never anything else, whatever the file holds.
 */
export async function loadSite(file: string, options: LoadOptions = {}): Promise<Site> {
  const path = resolve(file)
  return await parseSite(await readSource(path), path, options)
}

/** As loadSite, from text; `file` is the absolute path that it would have. */
export async function parseSite(text: string, file: string, options: LoadOptions = {}): Promise<Site> {
  const name = displayName(file)
  const document = readDocument(text, name)
  if (document.broken) throw failure(name, document.findings)
  if (document.value === null)
    throw new SiteError(`The site file ${name} is empty`, [], ['Start from one of templates/sites/'])
  const { input, findings } = checkSchema(document.value)
  const shaped = input === undefined ? undefined : await shape(input, document.value, file, options)
  const ruled = shaped === undefined ? [] : checkSite(shaped.site, [...findings, ...shaped.findings])
  const later = [...(shaped?.findings ?? []), ...ruled]
  const malformed = findings.length > 0 || document.findings.length > 0
  const usable = !malformed && later.every(({ severity }) => severity === 'warning')
  // What is only missing because something malformed was left out must not frighten: no warnings then.
  const found = [
    ...findings,
    ...(malformed ? later.filter(({ severity }) => severity === 'error') : later),
    ...(usable ? (shaped?.notes ?? []) : []),
  ]
  const located = [...document.findings, ...locateAll(document, found.slice(0, MAX_FINDINGS))].sort(byPosition)
  if (shaped === undefined || located.some(({ severity }) => severity === 'error')) throw failure(name, located)
  return { ...shaped.site, warnings: located }
}

/** The nearest orion.yaml: in the folder `start`, or in one above it. undefined = none. */
export async function findSite(start: string): Promise<string | undefined> {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const file = join(folder, 'orion.yaml')
    if (await exists(file)) return file
    if (dirname(folder) === folder) return undefined
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch {
    return false
  }
}

async function shape(input: SiteInput, raw: unknown, file: string, options: LoadOptions): Promise<Shaped> {
  const guests = Object.values(input.guests ?? {})
  const entries = [
    ...(input.defaults?.guest?.sshKeys ?? []),
    ...guests.flatMap(({ sshKeys = [] }) => sshKeys),
    ...Object.values(input.nodes).flatMap(({ install }) => install?.sshKeys ?? []),
  ]
  const keys = await readKeys(entries, { file, home: options.home, standInKey: options.standInKey })
  return shapeSite(input, { file, raw, keys })
}

/** Twice the same thing at one place is one finding (two keys that are missing there are two), and where YAML itself is wrong nothing else is said. */
function locateAll(document: SiteDocument, findings: readonly Finding[]): Located[] {
  const seen = new Set<string>()
  const wrong = new Set(document.findings.map(({ line, column }) => `${line}:${column}`))
  return findings.flatMap((finding) => {
    const located = document.locate(finding)
    const key = `${located.line}:${located.column}:${finding.path.at(-1)}:${located.message}`
    if (seen.has(key) || wrong.has(`${located.line}:${located.column}`)) return []
    seen.add(key)
    return [located]
  })
}

function byPosition(a: Located, b: Located): number {
  return a.line - b.line || a.column - b.column
}

function failure(name: string, findings: readonly Located[]): SiteError {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  return new SiteError(`The site file ${name} has ${errors} ${errors === 1 ? 'error' : 'errors'}`, findings)
}
