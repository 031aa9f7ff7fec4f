// What is asked of a host about its interfaces: the facts that everything else is judged by, and ifupdown2's own check.
import type { FileSet } from '../../resources/file-set.ts'
import type { Node } from '../../site/site.ts'

export const FILE = '/etc/network/interfaces'

/**
 * ifupdown2's own check, for what it does see: broken stanzas, bad addresses and values. Two of its warnings end it with 1 where
 * nothing is wrong, on files that Proxmox itself writes: `none` in `bridge-ports none`, and an MTU on a bridge. They alone pass.
 */
export const CHECK = `said=$(ifreload -a -s 2>&1) && exit 0
alarms='bridge-ports: invalid value "none"|bridge inherits mtu'
wrong=$(printf '%s\\n' "$said" | grep -v -E "$alarms|interface not recognized")
[ -z "$wrong" ] && printf '%s\\n' "$said" | grep -q -E "$alarms" && exit 0
printf '%s\\n' "\${wrong:-$said}" >&2
exit 1`

/** What is read of a host for its interfaces; the pings come before the neighbours that they make known. */
export function interfacesWish(node: Node): FileSet['wish'] {
  const pings = gatewaysOf(node).map(({ gateway, device }) => {
    const to = gateway.toLowerCase().startsWith('fe80:') ? `${gateway}%${device}` : gateway
    return [gateway.includes(':') ? 'gateway6' : 'gateway4', ['ping', '-n', '-c', '1', '-W', '1', to]] as const
  })
  return {
    files: [FILE],
    commands: {
      'ip-links': ['ip', '-j', '-d', 'link'],
      'ip-addresses': ['ip', '-j', 'addr'],
      'ip-routes': ['ip', '-j', 'route'],
      'ip-routes6': ['ip', '-j', '-6', 'route'],
      ifupdown2: ['dpkg-query', '-W', 'ifupdown2'],
      ...Object.fromEntries(pings),
      'ip-neighbours': ['ip', '-j', 'neigh'],
    },
  }
}

/** The default gateways that the site file names, each with the interface that reaches it. */
export function gatewaysOf(node: Node) {
  return node.bridges.flatMap(({ name, addresses }) =>
    addresses.flatMap(({ gateway, vlan }) =>
      gateway === undefined ? [] : [{ gateway, device: vlan === undefined ? name : `${name}.${vlan}` }],
    ),
  )
}
