// ifupdown2 on a simulated host: reads /etc/network/interfaces, checks it as loosely as the real one, puts it into force.
import { cidrOf, INTERFACES, type ParsedInterfaces, parseWithSources } from './interfaces-file.ts'
import { networkOf } from './links.ts'
import { failed, type Output, ok, type Program } from './machine.ts'
import { type HostState, textAt } from './state.ts'

/** `ifreload -a`; with `-s` it only checks, and says of a missing port no more than a warning. */
export const ifreload: Program = (machine, args) => {
  const { host, world, networkChanged } = machine
  if (!args.some((arg) => arg === '-a' || arg === '--all')) {
    return failed(
      1,
      'usage: ifreload [-h] (-a | -c) [-v] [-d] [-w] [-f] [-s]\nifreload: error: one of the arguments -a/--all -c/--currently-up is required',
    )
  }
  if (args.includes('-s') || args.includes('--syntax-check')) return checked(host)
  const errors = reload(host)
  world.changed()
  networkChanged()
  return errors.length === 0 ? ok() : failed(1, errors.map((error) => `error: ${error}`).join('\n'))
}

/** Puts the file into force as far as it goes; what ifupdown2 says of the rest. */
export function reload(host: HostState): string[] {
  const text = textAt(host, INTERFACES) ?? ''
  const { errors } = parseWithSources(host, text)
  host.applied = withSources(host, text)
  return [...located(errors), ...networkOf(host, host.applied).errors]
}

function checked(host: HostState): Output {
  const text = textAt(host, INTERFACES) ?? ''
  const parsed = parseWithSources(host, text)
  const wrong = [...located(parsed.errors), ...addressErrors(parsed)].map((error) => `error: ${error}`)
  const warnings = networkOf(host, text).errors.map((error) => `warning: ${error}`)
  const lines = [...wrong, ...warnings]
  return { code: wrong.length > 0 ? 1 : 0, stdout: '', stderr: lines.map((line) => `${line}\n`).join('') }
}

function located(errors: readonly string[]): string[] {
  return errors.map((error) => `${INTERFACES}: ${error}`)
}

/** Found by the check alone: `ifreload -a` itself passes a bad address over in silence. */
function addressErrors({ stanzas }: ParsedInterfaces): string[] {
  return stanzas.flatMap(({ name, options }) =>
    options
      .filter(([key, value]) => key === 'address' && cidrOf(value, undefined) === undefined)
      .map(([, value]) => `${name}: invalid address '${value}'`),
  )
}

/** The sourced files in the place of their `source` lines: they may change later, what is in force does not. */
function withSources(host: HostState, text: string): string {
  const { stanzas, auto } = parseWithSources(host, text)
  const own = stanzas.map(({ name, family, method, options }) => {
    const lines = options.map(([key, value]) => `\t${key} ${value}\n`)
    return `iface ${name} ${family} ${method}\n${lines.join('')}`
  })
  return `${[...auto].map((name) => `auto ${name}\n`).join('')}${own.join('')}`
}
