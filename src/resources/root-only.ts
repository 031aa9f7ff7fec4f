// Which options of guests only root@pam itself may set, and no token: as rows. They go over the root channel (root-channel.ts).
import type { Guest } from '../site/site.ts'
import { parseProperties } from './property-string.ts'

interface RootOnly {
  readonly kind: 'vm' | 'ct'
  readonly key: RegExp
  /** Only for such values; every one where it is not said. Takes what is set (or was, where it is taken away). */
  readonly when?: (value: string, guest: Pick<Guest, 'unprivileged'>) => boolean
}

// qemu-server's check_vm_modify_config_perm is a list of what others may set; what it does not know is root@pam's. From
// qemu-server 9.2.6 and pve-container 6.1.
const ROOT_ONLY: readonly RootOnly[] = [
  { kind: 'vm', key: /^(affinity|args|hookscript|arch|amd-sev|intel-tdx|vmgenid)$/ },
  { kind: 'vm', key: /^(hugepages|keephugepages|ivshmem|spice_enhancements|lock|parallel\d+)$/ },
  {
    kind: 'vm',
    key: /^hostpci\d+$/,
    when: (value) => !parseProperties(value, 'host').has('mapping') || has(value, 'romfile'),
  },
  { kind: 'vm', key: /^usb\d+$/, when: (value) => !/^(host=)?spice\b/.test(value) && !has(value, 'mapping') },
  { kind: 'vm', key: /^serial\d+$/, when: (value) => value !== 'socket' },
  { kind: 'ct', key: /^(hookscript|dev\d+)$/ },
  // Not a volume: a folder or a device of the host.
  { kind: 'ct', key: /^(rootfs|mp\d+)$/, when: (value) => /^(volume=)?\//.test(value) },
  {
    kind: 'ct',
    key: /^features$/,
    when: (value, guest) => [...parseProperties(value).keys()].some((name) => isRootFeature(name, guest)),
  },
]

/** The API changes `nesting` of an unprivileged container; every other feature, and any of a privileged one, is root@pam's. */
export function isRootFeature(name: string, { unprivileged }: Pick<Guest, 'unprivileged'>): boolean {
  return !unprivileged || name !== 'nesting'
}

/** Must root@pam set this key of the guest, given this value of it? */
export function isRootOnly(guest: Pick<Guest, 'kind' | 'unprivileged'>, key: string, value: string): boolean {
  return ROOT_ONLY.some(
    ({ kind, key: keys, when }) => kind === guest.kind && keys.test(key) && (when?.(value, guest) ?? true),
  )
}

function has(value: string, property: string): boolean {
  return parseProperties(value, 'host').has(property)
}
