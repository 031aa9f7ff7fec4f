// The programs of a simulated host by name; whatever is not here is not installed.
import { setTimeout as sleep } from 'node:timers/promises'
import { apiPrograms } from './api-programs.ts'
import { GUARD, stage } from './guard-store.ts'
import { ifreload } from './ifreload.ts'
import { ip } from './ip-command.ts'
import { sysctl } from './kernel-settings.ts'
import { failed, type Machine, type Output, ok, type Program } from './machine.ts'
import { packagePrograms } from './package-programs.ts'
import { unquote } from './quote.ts'
import { orionFolders, orionRead, orionWrite, type Run } from './scripts.ts'
import { systemPrograms } from './system-programs.ts'
import { topicScripts } from './topic-scripts.ts'

const scripts: Readonly<Record<string, Program>> = {
  'orion-read': (...given) => orionRead(run)(...given),
  'orion-write': orionWrite,
  'orion-folders': orionFolders,
  'orion-stage': stage,
  ...topicScripts,
}

const programs: Readonly<Record<string, Program>> = {
  ifreload,
  ip,
  sysctl,
  ...packagePrograms,
  ...systemPrograms,
  ...apiPrograms,
  sh: (machine, args, io) => shell(machine, args, io),
  env: (machine, args, io) => run(machine, args.slice(args.findIndex((arg) => !arg.includes('='))), io),
  timeout: (machine, args, io) => limited(machine, args, io),
  sudo: (machine, args, io) => run(machine, args.slice(args.indexOf('--') + 1), io),
  'orion-guard': (machine, args, io) => {
    const there = machine.host.files[GUARD] !== undefined ? machine.guard() : undefined
    return there ? there.command(args, io) : notFound(GUARD)
  },
}

function notFound(name: string): Output {
  return failed(127, `sh: 1: ${name}: not found`)
}

/** What a person can run here. */
export const programNames: readonly string[] = Object.keys(programs).sort()

/** Programs that only run another one. */
const WRAPPERS = new Set(['sudo', 'timeout', 'env'])

/** Runs a program as execvp would find it; faults strike here. */
export const run: Run = async (machine, argv, io) => {
  const [word = '', ...args] = argv
  const name = word.split('/').at(-1) ?? ''
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined
  const fault = WRAPPERS.has(name) ? undefined : machine.faults.spoil(machine.node, commandText(argv))
  if (fault && 'delay' in fault) await sleep(fault.delay, undefined, { ref: false })
  else if (fault) return failed(fault.code, fault.stderr ?? '')
  return program ? program(machine, args, io) : notFound(word)
}

/** What faults and people call a command line: ours by their names, without what only wraps the rest. */
export function commandText(argv: readonly string[]): string {
  const [program = '', ...rest] = argv
  if (program === 'sudo') return commandText(rest.slice(rest.indexOf('--') + 1))
  if (program === 'timeout') return commandText(rest.slice(rest[0] === '-k' ? 3 : 1))
  if (program === 'env') return commandText(rest.slice(rest.findIndex((word) => !word.includes('='))))
  if (program === 'sh' && rest[2]?.startsWith('orion-')) return rest.slice(2).join(' ')
  return [program.split('/').at(-1), ...rest].join(' ')
}

/** `sh -c SCRIPT NAME ARG…`: ours are known by their names, the rest must be one command. */
async function shell(machine: Machine, args: readonly string[], io: Parameters<Program>[2]): Promise<Output> {
  const [flag, script = '', name = '', ...rest] = args
  if (flag !== '-c') return failed(2, 'sh: 0: the lab runs no interactive shell')
  const ours = Object.hasOwn(scripts, name) ? scripts[name] : undefined
  if (ours) return ours(machine, rest, io)
  const argv = unquote(script)
  if (argv) return argv.length === 0 ? ok() : run(machine, argv, io)
  return failed(127, `sh: 1: orion lab runs one command at a time, without a shell: ${script.slice(0, 60)}`)
}

/** `timeout [-k N] SECONDS PROGRAM …` */
async function limited(machine: Machine, args: readonly string[], io: Parameters<Program>[2]): Promise<Output> {
  const [limit = '0', ...argv] = args[0] === '-k' ? args.slice(2) : args
  const timer = new AbortController()
  const over = sleep(Number(limit) * 1000, { code: 124 }, { signal: timer.signal, ref: false })
  try {
    return await Promise.race([run(machine, argv, io), over.catch(() => ({ code: 124 }))])
  } finally {
    timer.abort()
  }
}
