// BIRD of a router as it runs: started, configured, undone; a session of which nothing changed goes on.
import { failed, ok, type Program } from '../host/machine.ts'
import { type BirdState, type HostState, textAt } from '../host/state.ts'
import type { World } from '../world.ts'
import { type BirdConfig, birdVersionOf, readBird, readKept, wholeText } from './bird-config.ts'
import { meetNeighbours } from './bird-sessions.ts'

const CONFIG = '/etc/bird/bird.conf'

/** `--version`, and `-p -c FILE`, which reads a configuration and no more. */
export const bird: Program = ({ host }, args) => {
  const version = birdVersionOf(host)
  if (version === undefined) return failed(127, 'sh: 1: bird: not found')
  if (args.includes('--version')) return { code: 0, stderr: `BIRD version ${version}\n` }
  if (!args.includes('-p')) return failed(1, 'bird: the lab runs it as a unit: systemctl start bird')
  const path = args[args.indexOf('-c') + 1]
  const wrong = mistakeOf(host, args.includes('-c') && path !== undefined ? path : CONFIG)
  return wrong === undefined ? ok() : failed(1, `bird: ${wrong}`)
}

/** What BIRD says of a file; undefined = it takes it. */
export function mistakeOf(host: HostState, path: string): string | undefined {
  try {
    readBird(host, path, birdVersionOf(host) ?? '')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What went wrong, in BIRD's words. */
export function startBird(world: World, host: HostState): string | undefined {
  if (birdVersionOf(host) === undefined) return 'bird: not found'
  const wrong = mistakeOf(host, CONFIG)
  if (wrong !== undefined) return wrong
  // A reload of the unit is `birdc configure`.
  if (host.bird) configure(world, host, host.bird, wholeText(host, CONFIG))
  else {
    const now = world.now()
    host.bird = { config: '', startedMs: now, configuredMs: now, since: {} }
    configure(world, host, host.bird, wholeText(host, CONFIG))
  }
  return undefined
}

/** The running BIRD, after what its undo timer did meanwhile; undefined = it does not run. */
export function runningBird(world: World, host: HostState): { state: BirdState; config: BirdConfig } | undefined {
  const { bird: state } = host
  if (!state) return undefined
  if (state.undo && state.undo.atMs <= world.now()) undo(world, host, state)
  return { state, config: readKept(state.config, birdVersionOf(host) ?? '') }
}

export function undo(world: World, host: HostState, state: BirdState): void {
  const { undo: before } = state
  delete state.undo
  if (before) configure(world, host, state, before.config)
}

/** Protocols that are as before keep their state: another filter or limit is read in, everything else begins anew. */
export function configure(world: World, host: HostState, state: BirdState, config: string): void {
  const version = birdVersionOf(host) ?? ''
  const before = state.config === '' ? undefined : readKept(state.config, version)
  const after = readKept(config, version)
  // First those of before: a lab from the time when nobody was kept has sessions that stand.
  if (before) meetNeighbours(host, before)
  meetNeighbours(host, after)
  const now = world.now()
  state.since = Object.fromEntries(
    after.protocols.map(({ name }) => {
      const same = before !== undefined && identityOf(before, name) === identityOf(after, name)
      return [name, same ? (state.since[name] ?? now) : now]
    }),
  )
  state.config = config
  state.configuredMs = now
  world.changed()
}

/** What a session cannot change without beginning anew: its statements, but for filters and limits of its channels. */
function identityOf({ protocols, defines }: BirdConfig, name: string): string | undefined {
  const found = protocols.find((one) => one.name === name)
  if (!found) return undefined
  const own = found.statements.filter((one) => !/^(description|bfd|ipv[46] (import|export|receive))/.test(one))
  const password = own.flatMap((one) => /^password (\w+)$/.exec(one)?.[1] ?? []).map((word) => defines.get(word))
  return JSON.stringify([found.type, own, password])
}

/** Reads the file anew. What is wrong with it, or undefined. */
export function configureFile(
  world: World,
  host: HostState,
  state: BirdState,
  path: string,
  undoSeconds: number | undefined,
) {
  const wrong = mistakeOf(host, path)
  if (wrong !== undefined) return wrong
  const old = state.config
  configure(world, host, state, wholeText(host, path))
  if (undoSeconds === undefined) delete state.undo
  else state.undo = { config: old, atMs: world.now() + undoSeconds * 1000 }
  return undefined
}

/** Its name as `uname -n` says it. */
export function hostNameOf(host: HostState): string {
  return (textAt(host, '/etc/hostname') ?? '').trim()
}
