// Details of a BGP session in `show protocols all`, in BIRD's own form.
import type { SessionChannel } from './bird-channels.ts'
import type { BgpSession } from './bird-sessions.ts'

/** Without the code of the first line. */
export function sessionLines(session: BgpSession, isOff: boolean): string[] {
  const { protocol, address, asn, localAsn, local, error } = session
  const isUp = session.isUp && !isOff
  const description = /^description "(.*)"$/.exec(
    protocol.statements.find((one) => one.startsWith('description')) ?? '',
  )?.[1]
  return [
    ...(description === undefined ? [] : [`  Description:    ${description}`]),
    `  BGP state:          ${stateOf(session, isOff)}`,
    `    Neighbor address: ${address}`,
    `    Neighbor AS:      ${asn}`,
    `    Local AS:         ${localAsn}`,
    ...(isUp ? upLines(session, local) : isOff ? [] : [`    Last error:       ${error}`]),
    ...session.channels.flatMap((channel) => bgpChannelLines(channel, isUp, session)),
  ]
}

/** A limit that disables has ended it: BIRD does not try again by itself. */
export function isEnded({ channels, error }: BgpSession): boolean {
  const isDisabled = channels.some(({ limits }) => limits.some(({ hit, action }) => hit && action === 'disable'))
  return isDisabled && error?.startsWith('Automatic shutdown') === true
}

/** BIRD waits a while before it tries one again that answered and was refused; nobody answered where it is `Active`. */
export function stateOf(session: BgpSession, isOff: boolean): string {
  if (isOff || isEnded(session)) return 'Down'
  if (session.error === undefined) return 'Established'
  return /^(BGP Error|Received|Automatic shutdown)/.test(session.error) ? 'Idle' : 'Active'
}

/** The roles of the two ends (RFC 9234). */
const OTHER_ROLE: Readonly<Record<string, string>> = {
  customer: 'provider',
  provider: 'customer',
  peer: 'peer',
  rs_client: 'rs_server',
}

function upLines({ protocol: { statements }, channels, asn, localAsn }: BgpSession, local: string): string[] {
  const role = statements.map((one) => /^local role (\w+)/.exec(one)?.[1]).find((one) => one !== undefined)
  const families = channels.map(({ family }) => `ipv${family}`).join(' ')
  const capabilities = (name: string, own: string | undefined) => [
    `    ${name} capabilities`,
    '      Multiprotocol',
    `        AF announced: ${families}`,
    '      Route refresh',
    '      Graceful restart',
    '      4-octet AS numbers',
    '      Enhanced refresh',
    ...(own === undefined ? [] : [`      Role: ${own}`]),
  ]
  return [
    '    Neighbor ID:      192.0.2.179',
    ...capabilities('Local', role),
    ...capabilities('Neighbor', role === undefined ? undefined : OTHER_ROLE[role]),
    `    Session:          ${asn === localAsn ? 'internal' : 'external'} AS4`,
    `    Source address:   ${local}`,
    '    Hold timer:       71.084/90',
    '    Keepalive timer:  11.397/30',
  ]
}

function bgpChannelLines(
  { family, imported, filtered, exported, limits }: SessionChannel,
  isUp: boolean,
  { local, passedOn }: BgpSession,
): string[] {
  const limit = limits.flatMap(({ kind, limit: most, hit, action }) => [
    `    ${`${kind[0]?.toUpperCase()}${kind.slice(1)} limit:`.padEnd(15)} ${most}${hit ? ' [HIT]' : ''}`,
    `      Action:       ${action}`,
  ])
  const counts = `${imported} imported, ${filtered} filtered, ${exported.length + passedOn} exported, ${imported} preferred`
  return [
    `  Channel ipv${family}`,
    `    State:          ${isUp ? 'UP' : 'DOWN'}`,
    `    Table:          master${family}`,
    '    Preference:     100',
    ...limit,
    ...(isUp ? [`    Routes:         ${counts}`, `    BGP Next hop:   ${local}`] : []),
  ]
}
