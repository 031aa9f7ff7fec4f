// A site of any size: half virtual machines, half containers, spread over fifty nodes.
export const NODES = 50
export const SITE = 'large'

const address = (index: number) =>
  `10.${16 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${(index % 250) + 2}`
const nodeName = (index: number) => `n${String(index + 1).padStart(2, '0')}`

/** The site file as text. Every guest has an entry of its own, as people write them. */
export function largeSite(guests: number): string {
  const nodes = Array.from({ length: NODES }, (_, index) => {
    const own = `10.99.0.${index + 1}`
    return `  ${nodeName(index)}: { address: ${own}, ports: { lan: eno1 }, hardware: { threads: 128, memory: 1024G } }`
  })
  const entries = Array.from({ length: guests }, (_, index) => {
    const kind = index % 2 ? 'kind: ct, image: debian-13-ct' : 'kind: vm, image: debian-13'
    const node = nodeName(index % NODES)
    return `  g${index}: { id: ${1000 + index}, node: ${node}, ${kind}, cores: 1, memory: 512M, disk: 8G, nics: { lan: ${address(index)} } }`
  })
  return `site: ${SITE}
nodes:
${nodes.join('\n')}
networks:
  lan: { bridge: vmbr0, ipv4: 10.16.0.0/12 }
storage:
  local: { type: dir, path: /var/lib/vz, content: [iso, vztmpl, snippets, import, backup] }
  local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] }
images:
  debian-13:
    url: https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2
    checksum: https://cloud.debian.org/images/cloud/trixie/latest/SHA512SUMS
  debian-13-ct: { template: debian-13-standard }
defaults:
  guest: { storage: local-zfs, onboot: true, user: orion }
guests:
${entries.join('\n')}
`
}
