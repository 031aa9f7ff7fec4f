// What is in force of the mesh on a host, and what could stand in its way: one program's answer, taken apart once.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { MESH_DIR, MESH_TABLE } from './link-paths.ts'

const LIVE = 'mesh-live'

/**
 * POSIX; arguments: IF=REMOTE. One fact per line, first its kind. Of WireGuard it asks what is public by name: a dump would have
 * private keys in it. Pings of all links at once, two each, as a first one may come before a link's handshake.
 */
const PROGRAM = `LC_ALL=C
export LC_ALL
echo "clock $(date +%s)"
ip -o link 2>/dev/null | awk '{ name = $2; sub(/[@:].*/, "", name); mtu = group = "-"
for (i = 4; i < NF; i++) { if ($i == "mtu") mtu = $(i + 1); if ($i == "group") group = $(i + 1) }
print "link", name, group, mtu, ($3 ~ /[<,]UP[,>]/ ? "up" : "down") }'
ip -o address 2>/dev/null | awk '{ print "address", $2, $4 }'
for what in public-key listen-port allowed-ips; do
wg show all "$what" 2>/dev/null | awk -v what="$what" '{ print what, $0 }'
done
for family in 4 6; do
ip -N "-$family" rule 2>/dev/null | awk -v f="$family" '{ for (i = 2; i < NF; i++) if ($i == "lookup") print "rule", f, $1 + 0, $(i + 1) }'
ip -N -o "-$family" route show table ${MESH_TABLE} 2>/dev/null | awk -v f="$family" '{ proto = "-"
for (i = 1; i < NF; i++) if ($i == "proto") proto = $(i + 1)
print "route", f, proto, ($1 ~ /^[a-z]*$/ && $1 != "default" ? $2 : $1) }'
ip -N -o "-$family" route show table 254 proto 2 2>/dev/null | awk '{ for (i = 2; i < NF; i++) if ($i == "dev") print "connected", $1, $(i + 1) }'
done
ss -Hlun 2>/dev/null | awk '{ sub(/.*:/, "", $4); print "udp", $4 }' | sort -u
off=$(cat /proc/sys/net/ipv6/conf/all/disable_ipv6 /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null | tr -d '\\n')
[ "$off" = 00 ] && echo ipv6 on || echo ipv6 off
if [ -e /sys/module/wireguard ] || modprobe -nq wireguard 2>/dev/null; then echo wireguard kernel
elif command -v wireguard-go >/dev/null && [ -c /dev/net/tun ]; then echo wireguard go
else echo wireguard none; fi
count=0
for one; do
[ ! -s "${MESH_DIR}/keys/\${one%%=*}.psk" ] || echo "preshared \${one%%=*}"
ip link show dev "\${one%%=*}" >/dev/null 2>&1 || continue
{ ping -n -q -c 2 -i 0.2 -W 1 "\${one#*=}%\${one%%=*}" >/dev/null 2>&1 && echo "answers \${one%%=*}"; } &
count=$((count + 1))
[ $((count % 32)) != 0 ] || wait
done
wait
exit 0`

/** Of an interface, whoever made it. */
export interface LiveLink {
  readonly isOurs: boolean
  readonly mtu: number
  readonly isUp: boolean
  /** CIDRs. */
  readonly addresses: readonly string[]
  /** Of WireGuard: whether it has a private key, its UDP port, public keys of the peers with what they may send. */
  readonly hasKey?: boolean
  readonly port?: number
  readonly peers: ReadonlyMap<string, readonly string[]>
  /** Its other end answered a ping just now. */
  readonly answers: boolean
}

export interface Live {
  readonly links: ReadonlyMap<string, LiveLink>
  /** `4 PREF TABLE` */
  readonly rules: readonly { readonly family: string; readonly preference: number; readonly table: string }[]
  /** In the table of the mesh. */
  readonly routes: readonly { readonly proto: number; readonly prefix: string }[]
  /** Interfaces for which the host has a preshared key. */
  readonly preshared: ReadonlySet<string>
  readonly connected: readonly { readonly prefix: string; readonly device: string }[]
  readonly udpPorts: ReadonlySet<number>
  readonly hasIpv6: boolean
  readonly wireguard: string
  /** Seconds since the epoch. */
  readonly clock: number
}

/** `ends`: those whose other end is asked for a sign of life. */
export function liveFacts(ends: readonly { readonly interface: string; readonly remote: string }[]): Facts {
  const words = ends.map((end) => `${end.interface}=${end.remote}`)
  return { commands: { [LIVE]: ['sh', '-c', PROGRAM, 'orion-mesh-live', ...words] } }
}

const known = new WeakMap<HostFacts['commands'], Live>()

/** undefined = the host was not read. */
export function getLive(seen: Pick<HostFacts, 'commands' | 'files'>): Live | undefined {
  const text = said(seen, LIVE)
  if (text === undefined) return undefined
  const live = known.get(seen.commands) ?? parse(text)
  known.set(seen.commands, live)
  return live
}

function parse(text: string): Live {
  const rows = grouped(text.split('\n').map((line) => line.split(/\s+/)))
  const of = (kind: string) => rows.get(kind) ?? []
  const group = String(MESH_TABLE)
  const answering = new Set(of('answers').map(([name]) => name))
  const ports = new Map(of('listen-port').map(([name = '', port]) => [name, Number(port)]))
  const keys = new Map(of('public-key').map(([name = '', key]) => [name, key !== '(none)']))
  const addresses = grouped(of('address'))
  const peers = grouped(of('allowed-ips'))
  const links = of('link').map(([name = '', owner, mtu, state]): [string, LiveLink] => {
    const [hasKey, port] = [keys.get(name), ports.get(name)]
    return [
      name,
      {
        isOurs: owner === group,
        mtu: Number(mtu),
        isUp: state === 'up',
        addresses: (addresses.get(name) ?? []).flatMap(([address = '']) => address),
        ...(hasKey === undefined ? {} : { hasKey }),
        ...(port === undefined ? {} : { port }),
        peers: new Map((peers.get(name) ?? []).map(([key = '', ...allowed]) => [key, allowed])),
        answers: answering.has(name),
      },
    ]
  })
  return {
    links: new Map(links),
    rules: of('rule').map(([family = '', preference, table = '']) => ({
      family,
      preference: Number(preference),
      table,
    })),
    routes: of('route').map(([, proto, prefix = '']) => ({ proto: Number(proto), prefix })),
    preshared: new Set(of('preshared').map(([name = '']) => name)),
    connected: of('connected').map(([prefix = '', device = '']) => ({ prefix, device })),
    udpPorts: new Set(of('udp').map(([port]) => Number(port))),
    hasIpv6: of('ipv6')[0]?.[0] === 'on',
    wireguard: of('wireguard')[0]?.[0] ?? 'none',
    clock: Number(of('clock')[0]?.[0]),
  }
}

/** By the first word. */
function grouped(rows: readonly string[][]): ReadonlyMap<string, readonly string[][]> {
  const groups = new Map<string, string[][]>()
  for (const [name = '', ...rest] of rows) {
    const group = groups.get(name)
    if (group) group.push(rest)
    else groups.set(name, [rest])
  }
  return groups
}
