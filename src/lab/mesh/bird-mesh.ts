// The mesh's own BIRD on a simulated host, beside one that may be there for other things: started, configured, stopped.
import type { HostState } from '../host/state.ts'
import { mistakeOf } from '../router/bird.ts'
import { birdVersionOf, readKept, wholeText } from '../router/bird-config.ts'
import type { World } from '../world.ts'
import { type Session, sessionsOf } from './bgp-mesh.ts'
import { MESH, meshOf } from './mesh-state.ts'

export const BIRD_UNIT = 'orion-mesh-bird.service'
export const BIRD_SOCKET = '/run/orion-mesh-bird/bird.ctl'
export const CONFIG = `${MESH}/bird.conf`

/** What went wrong, in BIRD's words; undefined = it runs. */
export function startMeshBird(world: World, host: HostState): string | undefined {
  if (birdVersionOf(host) === undefined) return 'bird: not found'
  const wrong = mistakeOf(host, CONFIG)
  if (wrong !== undefined) return wrong
  const now = world.now()
  meshOf(host).bird ??= { config: '', startedMs: now, configuredMs: now, since: {} }
  configure(world, host, wholeText(host, CONFIG))
  return undefined
}

export function stopMeshBird(host: HostState): void {
  delete host.mesh?.bird
}

/** In force from now on; sessions of which nothing changed go on. */
export function configure(world: World, host: HostState, config: string): void {
  const { bird } = meshOf(host)
  if (bird === undefined) return
  const now = world.now()
  const before = bird.config === '' ? [] : sessionsOf(readKept(bird.config, birdVersionOf(host) ?? ''))
  const after = sessionsOf(readKept(config, birdVersionOf(host) ?? ''))
  bird.since = Object.fromEntries(
    after.map((one) => [
      one.protocol.name,
      before.some((old) => isSame(old, one)) ? (bird.since[one.protocol.name] ?? now) : now,
    ]),
  )
  Object.assign(bird, { config, configuredMs: now })
  world.changed()
}

/** Filters and limits are read in; with everything else a session begins anew. */
function isSame(old: Session, one: Session): boolean {
  const print = ({ protocol: { name, statements } }: Session) =>
    JSON.stringify([name, statements.filter((each) => !/^(description|ipv[46] (import|export))/.test(each))])
  return print(old) === print(one)
}
