// The merge as the tests of it call it, and the file that Proxmox's installer leaves.
import { merge } from '../../../src/parts/net/interfaces-merge.ts'
import { wantedOf } from '../../../src/parts/net/interfaces-wanted.ts'
import type { Node } from '../../../src/site/site.ts'
import { type bridge, HOME, netNode } from './wanted-nodes.ts'

export const mergeNode = (text: string | undefined, node: Node) =>
  merge(
    text,
    wantedOf(node, (port) => port),
  )

export const INSTALLER = `auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
	address 192.168.1.10/24
	gateway 192.168.1.1
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0

iface eno2 inet manual

source /etc/network/interfaces.d/*
`

export const home = (parts: Parameters<typeof bridge>[1] = {}) => netNode([{ ...HOME, ...parts }])
