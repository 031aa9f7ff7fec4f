// Where orion keeps what it keeps on the operator's machine (XDG Base Directory Specification).
import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const under = (variable: string, fallback: string): string => {
  const value = process.env[variable]
  // The specification: a relative path is invalid and is ignored.
  return value?.startsWith('/') ? value : join(homedir(), fallback)
}

/** Locks, and the rehearsal labs, of one site. */
export const stateDir = (site: string): string => join(under('XDG_STATE_HOME', '.local/state'), 'orion', site)

/** The rehearsal lab of one site. */
export const labDir = (site: string, wanted: string | undefined): string =>
  wanted ? resolve(wanted) : join(stateDir(site), 'lab')

/** A starting point of the wizard, by its name in templates/sites/. */
export const startingPoint = (name: string): string =>
  fileURLToPath(new URL(`../../templates/sites/${name}.yaml`, import.meta.url))

const SCHEMA = fileURLToPath(new URL('../../templates/site.schema.json', import.meta.url))

/**
 * Where an editor that opens this site file finds the JSON Schema: from the file where orion lies beside or below it (`node_modules`), so
 * that it holds on every machine that has both; else the place on this machine. A name ends at a blank: then it is an address.
 */
export function schemaFor(siteFile: string, schema = SCHEMA): string {
  const near = relative(dirname(siteFile), schema)
  const path = near.startsWith('..') ? schema : `./${near}`
  return /\s/.test(path) ? pathToFileURL(schema).href : path
}

/** The site that the lab builds where there is no site file. */
export const embeddedSite = (): string => startingPoint('orion')

/** The program that serves a lab in the background. */
export const program = (): string => fileURLToPath(new URL('../../bin/run.js', import.meta.url))
