// A link between two gateways for tests of keys in force: real wireguard-go in two namespaces, and a clock that can be set.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { daemons } from '../../daemons/daemons.ts'
import { makeRig, type Rig, type Space } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'
import { type PskHost, pskHost, removeHosts } from './psk-stage.ts'

export interface Tunnel {
  readonly a: PskHost
  readonly b: PskHost
  /** Makes both interfaces, with the preshared keys that there are. No handshake before the first packet. */
  up(): Promise<void>
  /** Packets between them: all of them, or none. */
  cable(state: 'up' | 'down'): Promise<void>
  /** Pings through the tunnel until one is answered. */
  talk(): Promise<void>
  /** Is one ping answered? */
  isThrough(): Promise<boolean>
  /** Seconds by which the clock of both hosts goes ahead. */
  ahead(seconds: number): void
  /** Is the watch of an open rotation running there? */
  isWatched(host: PskHost): boolean
  close(): Promise<void>
}

// What the program asks of systemd, with processes that end when there is nothing to watch (or with the tunnel).
const RUN = `while [ "\${1#-}" != "$1" ]; do shift; done
setsid "$@" >/dev/null 2>&1 </dev/null &
echo $! >"$TEST_DIR"/watch`
const CTL = `case "$*" in
  is-active*) kill -0 "$(cat "$TEST_DIR"/watch 2>/dev/null)" 2>/dev/null ;;
  stop*) if [ -e "$TEST_DIR"/watch ]; then kill "$(cat "$TEST_DIR"/watch)" 2>/dev/null; rm -f "$TEST_DIR"/watch; fi; : ;;
esac`

/** Names: at most two signs, unique in this process. */
export async function tunnel(name: string): Promise<Tunnel> {
  const rig = makeRig(`psk${name}`)
  const spaces = { a: rig.space('a'), b: rig.space('b') }
  rig.cable(
    { space: spaces.a, name: 'eth0', addresses: ['192.0.2.1/24'] },
    { space: spaces.b, name: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  const hosts: PskHost[] = []
  for (const side of ['a', 'b'] as const) {
    const { namespace } = spaces[side]
    const inside = ['ip', 'netns', 'exec', namespace]
    // As in a site file; unique, as wireguard-go's sockets go by the name alone.
    const names = [`v${process.pid}${name}`, `k${process.pid}${name}`] as const
    const [own, peer] = side === 'a' ? names : ([names[1], names[0]] as const)
    const one = await pskHost(own, { inside, interface: `wg-${peer}` })
    writeFileSync(join(one.folder, 'shift'), '0')
    one.replace('systemd-run', RUN)
    one.replace('systemctl', CTL)
    one.replace('sleep', `exec $REAL 0.1`)
    one.replace('date', `exec $REAL -d "$(cat "$TEST_DIR"/shift) seconds" "$@"`)
    hosts.push(one)
  }
  const [a, b] = hosts as [PskHost, PskHost]
  return tunnelOf({ rig, spaces, a, b })
}

interface Parts {
  readonly rig: Rig
  readonly spaces: { readonly a: Space; readonly b: Space }
  readonly a: PskHost
  readonly b: PskHost
}

function tunnelOf({ rig, spaces, a, b }: Parts): Tunnel {
  // One packet, and time for it: what WireGuard does in user space waits for a core.
  const ping = ['ping', '-c', '1', '-W', '5', '10.99.0.2']
  const isThrough = async () => (await spaces.a.run(ping)).code === 0
  const pid = (host: PskHost) => {
    try {
      return Number(readFileSync(join(host.folder, 'watch'), 'utf8')) || 0
    } catch {
      return 0
    }
  }
  return {
    a,
    b,
    up: async () => {
      await make(spaces.a, a, b, { address: '10.99.0.1', family: 'fe80::1', endpoint: '192.0.2.2' })
      await make(spaces.b, b, a, { address: '10.99.0.2', family: 'fe80::2', endpoint: '192.0.2.1' })
    },
    cable: async (state) => void (await spaces.a.must(['ip', 'link', 'set', 'eth0', state])),
    talk: () => within(60_000, 'a packet through the tunnel', isThrough),
    isThrough,
    ahead: (seconds) => {
      for (const { folder } of [a, b]) writeFileSync(join(folder, 'shift'), String(seconds))
    },
    isWatched: (host) => pid(host) > 0 && isAlive(pid(host)),
    close: async () => {
      for (const host of [a, b]) {
        if (pid(host) > 0 && isAlive(pid(host))) process.kill(pid(host), 'SIGKILL')
        rmSync(`/run/wireguard/${host.interface}.sock`, { force: true })
      }
      await rig.close()
      removeHosts(a, b)
    },
  }
}

interface Place {
  readonly address: string
  readonly family: string
  readonly endpoint: string
}

async function make(space: Space, own: PskHost, peer: PskHost, { address, family, endpoint }: Place): Promise<void> {
  const { wg, wireguardGo } = await daemons('2.17')
  const { interface: name } = own
  space.start([wireguardGo, '-f', name])
  await within(20_000, `${name} to come up`, async () => (await space.run([wg, 'show', name])).code === 0)
  const key = /^wg (.*)$/m.exec((await peer.verb('public', peer.interface)).stdout)?.[1] ?? ''
  const at = (file: string) => join(own.folder, 'etc/keys', `${name}.${file}`)
  const psk = own.file(`keys/${name}.psk`) === undefined ? [] : ['preshared-key', at('psk')]
  const about = ['allowed-ips', '0.0.0.0/0,::/0', 'endpoint', `${endpoint}:51820`]
  await space.must([wg, 'set', name, 'listen-port', '51820', 'private-key', at('key'), 'peer', key, ...psk, ...about])
  for (const one of [`${address}/24`, `${family}/64`]) await space.must(['ip', 'addr', 'add', one, 'dev', name])
  await space.must(['ip', 'link', 'set', name, 'up'])
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
