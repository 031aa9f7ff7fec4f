// `show protocols [all] [NAME]`: rows and details in BIRD's own form.
import { staticRoutes } from './bird-channels.ts'
import type { BirdProtocol } from './bird-config.ts'
import { isEnded, sessionLines, stateOf } from './bird-session-lines.ts'
import { type BgpSession, bgpSessions } from './bird-sessions.ts'
import { type BirdTalk, birdTime } from './bird-talk.ts'

const KINDS: Readonly<Record<string, string>> = {
  bgp: 'BGP',
  bfd: 'BFD',
  rpki: 'RPKI',
  static: 'Static',
  kernel: 'Kernel',
  device: 'Device',
  direct: 'Direct',
  pipe: 'Pipe',
}
const VALIDATED = { roa4: 512_345, roa6: 300_000 } as const

/** Rows of all protocols, or of one; details with `all`. */
export function showProtocols(talk: BirdTalk, words: readonly string[]): readonly string[] {
  const name = words.find((word) => word !== 'all')?.replace(/^["']|["']$/g, '')
  const found = talk.config.protocols.filter((one) => name === undefined || one.name === name)
  if (found.length === 0) return ['8003 No protocols match']
  const sessions = new Map(bgpSessions(talk.host, talk.config).map((one) => [one.protocol.name, one]))
  const rows = found.flatMap((one) => {
    const session = sessions.get(one.name)
    const isOff = talk.state.disabled?.includes(one.name) ?? false
    const row = rowOf(talk, one, session, isOff)
    return words.includes('all') ? [row, ...detailsOf(one, session, isOff)] : [row]
  })
  return ['2002-Name       Proto      Table      State  Since         Info', ...rows, '0000 ']
}

function rowOf(
  { state }: BirdTalk,
  { name, type }: BirdProtocol,
  session: BgpSession | undefined,
  isOff: boolean,
): string {
  const since = birdTime(state.since[name] ?? state.startedMs)
  const isUp = !isOff && (session?.isUp ?? true)
  const table = type === 'static' || type === 'kernel' ? 'master' : '---'
  const info = isOff
    ? ''
    : session
      ? isUp
        ? 'Established   '
        : isEnded(session)
          ? session.error
          : `${stateOf(session, isOff).padEnd(13)} ${session.error}`
      : type === 'rpki'
        ? 'Established'
        : ''
  const shown = isOff || (session && isEnded(session)) ? 'down' : isUp ? 'up' : 'start'
  return `1002-${name.padEnd(10)} ${(KINDS[type] ?? type).padEnd(10)} ${table.padEnd(10)} ${shown.padEnd(6)} ${since}  ${info}`
}

function detailsOf(protocol: BirdProtocol, session: BgpSession | undefined, isOff: boolean): string[] {
  const lines = session ? sessionLines(session, isOff) : protocolLines(protocol, isOff)
  const [first = '', ...rest] = lines
  return [`1006-${first}`, ...rest.map((line) => `     ${line}`), '     ']
}

function protocolLines(protocol: BirdProtocol, isOff: boolean): string[] {
  const { type, statements } = protocol
  if (type === 'rpki') return rpkiLines(statements, isOff)
  return statements.flatMap((one) =>
    one === 'ipv4' || one === 'ipv6'
      ? channelLines(one, { imported: type === 'static' ? staticRoutes(protocol).length : 0, isUp: !isOff })
      : [],
  )
}

function rpkiLines(statements: readonly string[], isOff: boolean): string[] {
  const [, address = '', port = '323'] =
    /^remote "?([^" ]+)"?(?: port (\d+))?/.exec(statements.find((one) => one.startsWith('remote')) ?? '') ?? []
  const channels = statements.filter((one): one is keyof typeof VALIDATED => one === 'roa4' || one === 'roa6')
  return [
    `  Cache server:     ${address}`,
    `  Cache port:       ${port}`,
    '  Status:           Established',
    '  Transport:        Unprotected over TCP',
    '  Protocol version: 1',
    '  Session ID:       4711',
    '  Serial number:    1',
    ...channels.flatMap((one) => channelLines(one, { imported: VALIDATED[one], isUp: !isOff })),
  ]
}

function channelLines(
  name: string,
  { imported, isUp }: { readonly imported: number; readonly isUp: boolean },
): string[] {
  return [
    `  Channel ${name}`,
    `    State:          ${isUp ? 'UP' : 'DOWN'}`,
    `    Table:          ${name.startsWith('roa') ? 'validated' : 'master'}${name.slice(-1)}`,
    ...(isUp ? [`    Routes:         ${imported} imported, 0 exported, ${imported} preferred`] : []),
  ]
}
