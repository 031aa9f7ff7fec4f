// Packages of a simulated host: dpkg's list, and an apt that has what package-names.ts lists.
import { addPackage, candidate } from '../router/debian-packages.ts'
import { startUnit } from '../router/units.ts'
import { updateLists } from '../tailscale/archive.ts'
import { indexTargets } from './apt-sources.ts'
import { failed, ok, type Program } from './machine.ts'
import { wellKnown } from './package-names.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own
const DEFAULT_FORMAT = '${Package}\\t${Version}\\n'

/** `-W -f FORMAT NAME…` */
const dpkgQuery: Program = ({ host }, args) => {
  const at = args.findIndex((arg) => arg === '-f' || arg.startsWith('--showformat') || arg.startsWith('-f='))
  const given = args[at]?.includes('=') ? args[at]?.replace(/^[^=]*=/, '') : args[at + 1]
  const format = at < 0 ? DEFAULT_FORMAT : (given ?? '')
  const names = args.filter((arg, index) => !arg.startsWith('-') && index !== at + 1)
  const wanted = names.length > 0 ? names : Object.keys(host.packages)
  const there = wanted.filter((name) => Object.hasOwn(host.packages, name))
  const missing = wanted.filter((name) => !Object.hasOwn(host.packages, name))
  const stdout = there.map((name) => filled(format, name, host.packages[name] ?? '')).join('')
  const stderr = missing.map((name) => `dpkg-query: no packages found matching ${name}\n`).join('')
  return { code: missing.length > 0 ? 1 : 0, stdout, stderr }
}

function filled(format: string, name: string, version: string): string {
  const values: Record<string, string> = {
    Package: name,
    'binary:Package': name,
    Version: version,
    Status: 'install ok installed',
    'db:Status-Status': 'installed',
    'db:Status-Abbrev': 'ii ',
    Architecture: 'amd64',
  }
  return format
    .replace(/\$\{([^};]+)[^}]*\}/g, (_, key: string) => values[key] ?? '')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
}

const ONLY = 'N: This host is simulated by orion lab, whose apt has well-known packages only'

/** `update`, `indextargets`, and `install NAME…` */
const aptGet: Program = (machine, args, io) => {
  const { host, world } = machine
  const words = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-o')
  const [verb, ...names] = words
  if (verb === 'update') return updateLists(machine, args, io)
  if (verb === 'indextargets') return indexTargets(host)
  if (verb !== 'install') return failed(100, `E: Invalid operation ${verb}`)
  const isKnown = (name: string) => wellKnown.has(name) || Object.hasOwn(host.packages, name)
  const unknown = names.find((name) => !isKnown(name) && candidate(host, name) === undefined)
  if (unknown !== undefined) return failed(100, `E: Unable to locate package ${unknown}\n${ONLY}`)
  for (const name of names.filter((one) => !Object.hasOwn(host.packages, one)))
    if (candidate(host, name) === undefined) host.packages[name] = '1.0-1'
    else for (const unit of addPackage(host, name)) startUnit(world, host, unit)
  world.changed()
  return ok(names.map((name) => `Setting up ${name} (${host.packages[name]}) ...\n`).join(''))
}

export const packagePrograms: Readonly<Record<string, Program>> = { 'dpkg-query': dpkgQuery, 'apt-get': aptGet }
