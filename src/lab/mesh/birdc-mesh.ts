// birdc of the mesh's BIRD on a simulated host: what it answers to the commands that orion gives, with its four-digit codes.
import { failed, type Machine, type Program } from '../host/machine.ts'
import type { BirdState } from '../host/state.ts'
import { mistakeOf } from '../router/bird.ts'
import { birdVersionOf, wholeText } from '../router/bird-config.ts'
import { birdTime } from '../router/bird-talk.ts'
import { isEstablished, runningConfig, type Session, sessionsOf } from './bgp-mesh.ts'
import { BIRD_SOCKET, CONFIG, configure } from './bird-mesh.ts'

/** BIRD's own where `timeout` stands alone. */
const UNDO_SECONDS = 300

/** `birdc -s SOCKET -v COMMAND …` */
export const meshBirdc: Program = (machine, args) => {
  const version = birdVersionOf(machine.host)
  const { bird } = machine.host.mesh ?? {}
  if (version === undefined) return failed(127, 'sh: 1: birdc: not found')
  if (bird === undefined)
    return failed(1, `Unable to connect to server control socket (${BIRD_SOCKET}): No such file or directory`)
  undoLate(machine, bird)
  const words = args.filter((word) => !/^-[vr]$/.test(word)).slice(args.includes('-s') ? 2 : 0)
  const lines = [`0001 BIRD ${version} ready.`, ...answer(machine, bird, words)]
  const codes = lines.flatMap((line) => /^(\d{4})[- ]/.exec(line)?.[1] ?? [])
  return { code: Number(codes.at(-1)) >= 8000 ? 1 : 0, stdout: `${lines.join('\n')}\n` }
}

function undoLate({ world, host }: Machine, bird: BirdState): void {
  if (bird.undo === undefined || bird.undo.atMs > world.now()) return
  const { config } = bird.undo
  delete bird.undo
  configure(world, host, config)
}

function answer(machine: Machine, bird: BirdState, words: readonly string[]): readonly string[] {
  const text = words.join(' ')
  if (text === 'show status') return ['1000-BIRD', '0013 Daemon is up and running']
  if (/^show protocols( all)?$/.test(text)) return showProtocols(machine, bird, text.endsWith('all'))
  if (text === 'show bfd sessions') return showBfd(machine, bird)
  if (text === 'configure confirm') {
    const waits = bird.undo !== undefined
    delete bird.undo
    return [waits ? '0018 Reconfiguration confirmed' : '0019 Nothing to do']
  }
  const [, wanted, seconds] = /^configure( timeout (\d+)?)?$/.exec(text.replace(/timeout$/, 'timeout ')) ?? []
  if (words[0] !== 'configure') return ['9001 syntax error, unexpected CF_SYM_UNDEFINED']
  return reconfigure(machine, bird, wanted === undefined ? undefined : Number(seconds ?? UNDO_SECONDS))
}

function reconfigure({ world, host }: Machine, bird: BirdState, seconds: number | undefined): readonly string[] {
  const head = `0002-Reading configuration from ${CONFIG}`
  const wrong = mistakeOf(host, CONFIG)
  delete bird.undo
  if (wrong !== undefined) return [head, `8002 ${wrong}`]
  if (seconds !== undefined) bird.undo = { config: bird.config, atMs: world.now() + seconds * 1000 }
  configure(world, host, wholeText(host, CONFIG))
  return [head, ...(seconds === undefined ? [] : [`0022-Undo scheduled in ${seconds} s`]), '0003 Reconfigured']
}

const KINDS: Readonly<Record<string, string>> = {
  bgp: 'BGP',
  bfd: 'BFD',
  static: 'Static',
  kernel: 'Kernel',
  device: 'Device',
}

function showProtocols(machine: Machine, bird: BirdState, isAll: boolean): string[] {
  const config = runningConfig(machine)
  const sessions = new Map((config ? sessionsOf(config) : []).map((one) => [one.protocol.name, one]))
  const rows = (config?.protocols ?? []).flatMap(({ name, type }) => {
    const session = sessions.get(name)
    const isUp = session === undefined || isEstablished(machine, session)
    const since = birdTime(bird.since[name] ?? bird.startedMs)
    const info = session === undefined ? '' : isUp ? 'Established' : 'Active        Socket: No route to host'
    const row = `1002-${name.padEnd(10)} ${(KINDS[type] ?? type).padEnd(10)} ---        ${isUp ? 'up   ' : 'start'}  ${since}  ${info}`
    return session && isAll ? [row, ...details(session, isUp)] : [row]
  })
  return ['2002-Name       Proto      Table      State  Since         Info', ...rows, '0000 ']
}

function details({ neighbor, interface: name, asn }: Session, isUp: boolean): string[] {
  return [
    `1006-  BGP state:          ${isUp ? 'Established' : 'Active'}`,
    `         Neighbor address: ${neighbor}%${name}`,
    `         Neighbor AS:      ${asn}`,
    ...(isUp ? [] : ['         Last error:       Socket: No route to host']),
    '     ',
  ]
}

function showBfd(machine: Machine, bird: BirdState): string[] {
  const config = runningConfig(machine)
  const rows = (config ? sessionsOf(config) : []).map((session) => {
    const state = isEstablished(machine, session) ? 'Up' : 'Down'
    const since = birdTime(bird.since[session.protocol.name] ?? bird.startedMs)
    return `     ${session.neighbor.padEnd(25)} ${session.interface.padEnd(10)} ${state.padEnd(10)} ${since}    0.300    0.900`
  })
  const head = '     IP address                Interface  State      Since         Interval  Timeout'
  return ['1020-bfd1:', head, ...rows, '0000 ']
}
