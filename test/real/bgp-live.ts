// A router that orion can look at and change, without a machine around it: real BIRDs in two namespaces, its own /etc, and a guard
// that puts back what is not proved. For what a file set, a proof or a probe makes of the real daemons.
import { OrionError } from '../../src/errors.ts'
import type { Change, ChangeOptions } from '../../src/host/guard.ts'
import type { Host, HostFile } from '../../src/host/host.ts'
import { idOf, routerSets } from '../../src/parts/router/sets.ts'
import type { News, Outside } from '../../src/resource.ts'
import { fileSet } from '../../src/resources/file-set.ts'
import type { Bgp } from '../../src/site/services.ts'
import type { Site } from '../../src/site/site.ts'
import { type BirdVersion, daemons } from '../daemons/daemons.ts'
import { makeRig, type Space } from '../daemons/rig.ts'
import { within } from '../hosts/inside.ts'
import { type BirdHost, birdHost } from '../parts/bgp/bird-host.ts'
import { bgpSite, routerIn } from '../parts/bgp/bird-site.ts'
import { routerOutside } from '../resources/router-outside.ts'
import { PASSWORD, type Party, worldConf } from './bgp-world.ts'

const LIMIT_MS = 30_000
const PROOF_MS = 12_000

export interface Live {
  readonly router: BirdHost
  readonly space: Space
  readonly outside: Outside
  /** Puts the other ends in force. */
  play(parties: readonly Party[]): Promise<void>
  /** BIRD's file set of this site: as a plan sees it. */
  look(bgp: Partial<Bgp>, options?: { readonly acceptIrr: boolean }): Promise<Looked>
  /** As an apply makes it so. `until`: a complaint of the proof that is enough to put it back at once. */
  apply(bgp: Partial<Bgp>, options?: { readonly acceptIrr: boolean; readonly until?: RegExp }): Promise<void>
  birdc(...words: string[]): Promise<string>
  until(what: string, isSo: () => Promise<boolean>): Promise<void>
  close(): Promise<void>
}

export interface Looked {
  readonly differences: ReturnType<ReturnType<typeof fileSet>['diff']>
}

/** Name: one word, unique in this process. Passwords are all PASSWORD, but those of the variable WRONG. */
export async function liveRouter(name: string, version: BirdVersion): Promise<Live> {
  const rig = makeRig(name)
  try {
    const [space, far] = [rig.space('router'), rig.space('world')]
    const cable = (word: string, mac: string, [ours, theirs]: readonly (readonly string[])[]) =>
      rig.cable({ space, name: word, mac, addresses: ours ?? [] }, { space: far, name: word, addresses: theirs ?? [] })
    cable('wan', 'aa:00:00:00:00:01', [
      ['2620:fe::2/64', '198.18.7.2/24'],
      ['2620:fe::1/64', '198.18.7.1/24'],
    ])
    cable('lan', 'aa:00:00:00:00:02', [['2602:f674:0:1000::1/64', '192.168.100.1/24'], ['2602:f674:0:1000::2/64']])
    const [router, world] = [await birdHost(space, version), await birdHost(far, '2.17')]
    router.replace('uname', 'echo router')
    // The machine's own is a link through its /etc.
    router.replace('awk', 'exec mawk "$@"')
    router.replace('bgpq4', `exec ${(await daemons(version)).bgpq4} "$@"`)
    world.put('/etc/bird/bird.conf', worldConf([]))
    await world.start()
    return { ...live(router), router, space, play: (parties) => play(world, parties), close: () => rig.close() }
  } catch (error) {
    await rig.close()
    throw error
  }
}

async function play(world: BirdHost, parties: readonly Party[]): Promise<void> {
  world.put('/etc/bird/bird.conf', worldConf(parties))
  const { stdout } = await world.run(['birdc', 'configure'])
  if (!/Reconfig/.test(stdout)) throw new Error(stdout)
}

function live(router: BirdHost): Pick<Live, 'outside' | 'look' | 'apply' | 'birdc' | 'until'> {
  const fake = routerOutside({ secrets: { UPSTREAM: PASSWORD, WRONG: 'none that anybody else has' } })
  let enough: RegExp | undefined
  const host: Host = {
    ...fake.host,
    fresh: async () => host,
    read: (wish) => router.read(wish),
    run: async (argv) => router.run(argv),
    guard: { ...fake.host.guard, change: (change, options) => guarded(router, host, change, { ...options, enough }) },
  }
  const outside: Outside = { ...fake.outside, host: async () => host }
  const setOf = (bgp: Partial<Bgp>, options: { readonly acceptIrr: boolean } = { acceptIrr: false }) => {
    const site = bgpSite(bgp)
    const set = setsOf(site, options).find((one) => idOf(one) === 'file-set:router/bird')
    if (set === undefined) throw new Error('this site has no BIRD')
    return fileSet(set)
  }
  const note = (_: News): void => {}
  return {
    outside,
    look: async (bgp, options) => {
      host.forget()
      const set = setOf(bgp, options)
      return { differences: set.diff(await set.observe(outside)) }
    },
    apply: async (bgp, options) => {
      host.forget()
      enough = options?.until
      const set = setOf(bgp, options)
      const have = await set.observe(outside)
      if (have === undefined) await set.create(outside, note)
      else await set.update(outside, have, note)
    },
    birdc: async (...words) => (await router.run(['birdc', ...words])).stdout,
    until: (what, isSo) =>
      within(LIMIT_MS, what, isSo).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${router.log()}`)
      }),
  }
}

function setsOf(site: Site, options: { readonly acceptIrr: boolean }) {
  return routerSets(site, routerIn(site), options).after
}

/** The guard's order of things: check, swap, activate, prove again and again, else put back. */
async function guarded(
  router: BirdHost,
  host: Host,
  change: Change,
  { prove, enough }: ChangeOptions & { readonly enough: RegExp | undefined },
): Promise<void> {
  const { files: before } = await router.read({ files: change.files.map(({ path }) => path) })
  const old = change.files.map(({ path }) => ({ path, text: before.get(path)?.text }))
  const end = Date.now() + PROOF_MS
  put(router, change.files)
  const refused = await run(router, change.check, 'swap')
  if (refused !== undefined) {
    put(router, old)
    throw new OrionError(refused, { code: 'E_GUARD_REFUSED' })
  }
  const failed = await run(router, change.activate, 'swap')
  let reasons = failed === undefined ? await prove(host) : [failed]
  const isOver = () => reasons.length === 0 || Date.now() > end || reasons.some((reason) => enough?.test(reason))
  while (failed === undefined && !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    reasons = await prove(host)
  }
  if (reasons.length === 0) return
  put(router, old)
  const stuck = await run(router, change.activate, 'put-back')
  throw new OrionError([...reasons, ...(stuck === undefined ? [] : [stuck])].join('\n'), { code: 'E_ROLLED_BACK' })
}

function put(router: BirdHost, files: readonly HostFile[]): void {
  for (const { path, text, mode, group } of files)
    text === undefined ? router.remove(path) : router.put(path, text, { mode, group })
}

/** What the first program that failed has to say. */
async function run(router: BirdHost, programs: Change['check'], phase: string): Promise<string | undefined> {
  for (const argv of programs) {
    const { code, stdout, stderr } = await router.run(argv, { ORION_GUARD: phase })
    if (code !== 0) return stderr || stdout
  }
  return undefined
}
