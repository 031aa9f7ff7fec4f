// The programs of a simulated host by name; whatever is not here is not installed.
import { setTimeout as sleep } from 'node:timers/promises'
import { coresScripts } from '../cores/cores-scripts.ts'
import { deviceScripts } from '../device/device-scripts.ts'
import { loaderPrograms } from '../device/loader.ts'
import { orionReboot } from '../device/reboot-program.ts'
import { keeperPrograms, keeperScripts } from '../keeper/keeper-scripts.ts'
import { meshPrograms, meshScripts, nodePrograms } from '../mesh/mesh-programs.ts'
import { profilePrograms, profileScripts } from '../router/profile-programs.ts'
import { routerPrograms } from '../router/router-programs.ts'
import { routerScripts } from '../router/router-scripts.ts'
import { tailscalePrograms, tailscaleScripts } from '../tailscale/tailscale.ts'
import { setupScripts } from '../windows-setup.ts'
import { apiPrograms } from './api-programs.ts'
import { discoveryLook } from './discovery-look.ts'
import { GUARD, stage } from './guard-store.ts'
import { ifreload } from './ifreload.ts'
import { ip } from './ip-command.ts'
import { orionJournal } from './journal-program.ts'
import { sysctl } from './kernel-settings.ts'
import { failed, type Machine, type Output, ok, type Program } from './machine.ts'
import { nodeLook } from './node-look.ts'
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
  'orion-discovery-look': discoveryLook,
  'orion-journal': orionJournal,
  'orion-node-look': nodeLook,
  ...topicScripts,
  ...deviceScripts,
  ...coresScripts,
  ...keeperScripts,
  ...routerScripts,
  ...profileScripts,
  ...meshScripts,
  ...tailscaleScripts,
  ...setupScripts,
}

const shared: Readonly<Record<string, Program>> = {
  ip,
  sysctl,
  ...packagePrograms,
  ...systemPrograms,
  ...meshPrograms,
  ...tailscalePrograms,
  sh: (machine, args, io) => shell(machine, args, io),
  env: (machine, args, io) => run(machine, args.slice(args.findIndex((arg) => !arg.includes('='))), io),
  timeout: (machine, args, io) => limited(machine, args, io),
  unshare: (machine, args, io) => unshare(machine, args, io),
  sudo: (machine, args, io) => run(machine, args.slice(args.indexOf('--') + 1), io),
  'orion-guard': (machine, args, io) => {
    const there = machine.host.files[GUARD] !== undefined ? machine.guard() : undefined
    return there ? there.command(args, io) : notFound(GUARD)
  },
}

/** By the kind of machine; what a router has is Debian's, and nothing of Proxmox VE. */
const programs: Readonly<Record<Machine['kind'], Readonly<Record<string, Program>>>> = {
  node: {
    ...shared,
    ...apiPrograms,
    ...loaderPrograms,
    'orion-reboot': orionReboot,
    ...keeperPrograms,
    ifreload,
    ...nodePrograms(shared),
  },
  router: { ...shared, 'update-initramfs': () => ok(), ...routerPrograms, ...profilePrograms },
}

function notFound(name: string): Output {
  return failed(127, `sh: 1: ${name}: not found`)
}

/** What a person can run on such a machine. */
export function programNames(kind: Machine['kind']): readonly string[] {
  return Object.keys(programs[kind]).sort()
}

/** Programs that only run another one. */
const WRAPPERS = new Set(['sudo', 'timeout', 'env', 'unshare'])

/** Runs a program as execvp would find it; faults strike here. */
export const run: Run = async (machine, argv, io) => {
  const [word = '', ...args] = argv
  const name = word.split('/').at(-1) ?? ''
  const known = programs[machine.kind]
  const program = Object.hasOwn(known, name) ? known[name] : undefined
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
  const plain = script.replace(/ 2>&1$/, '')
  const argv = unquote(plain)
  if (argv) {
    const output = argv.length === 0 ? ok() : await run(machine, argv, io)
    return plain === script ? output : { code: output.code, stdout: `${output.stdout ?? ''}${output.stderr ?? ''}` }
  }
  return failed(127, `sh: 1: orion lab runs one command at a time, without a shell: ${script.slice(0, 60)}`)
}

/** `-n PROGRAM …`: in a network of its own, where no rules are, and whatever is loaded is gone with it. */
function unshare(machine: Machine, args: readonly string[], io: Parameters<Program>[2]): ReturnType<Run> {
  const there = { ...machine, host: { ...machine.host, tables: {} } }
  return run(there, args.slice(args.findIndex((arg) => !arg.startsWith('-'))), io)
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
