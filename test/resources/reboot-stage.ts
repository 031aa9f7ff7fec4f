// A real host whose start depends on its early image, as far as it needs none of a real machine's: a good one, and one that renames its port.
import { connectHost, type HostOptions } from '../../src/host/connect.ts'
import type { Host } from '../../src/host/host.ts'
import { gpuBoot } from '../../src/parts/gpu/files.ts'
import { rebootSet, rebootSetFacts } from '../../src/parts/gpu/reboot.ts'
import { isHalfMade, restartFacts } from '../../src/parts/gpu/restart-facts.ts'
import type { Outside, Resource } from '../../src/resource.ts'
import { type FileSet, fileSet } from '../../src/resources/file-set.ts'
import { said, wishOf } from '../../src/resources/host-facts.ts'
import { hostReboot } from '../../src/resources/host-reboot.ts'
import type { HostRebootOptions } from '../../src/resources/host-reboot-plan.ts'
import { rebootFacts } from '../../src/resources/host-reboot-state.ts'
import type { Node } from '../../src/site/site.ts'
import type { TestHost } from '../hosts/nspawn.ts'

/** What orion writes, and what the early image is made of. */
export const SETTING = '/etc/modprobe.d/orion-vfio.conf'
export const IMAGE = '/boot/early'
const IN_FORCE = '/run/in-force'

/** A bridge for the way in, and one for guests alone. */
export const interfaces = (address: string): string => `auto lo
iface lo inet loopback

auto vmbr0
iface vmbr0 inet static
\taddress ${address}/16
\tbridge-ports eno1
\tbridge-stp off
\tbridge-fd 0

auto vmbr1
iface vmbr1 inet manual
\tbridge-ports eno2
\tbridge-stp off
\tbridge-fd 0
`

/** As far as the guard and orion-reboot see it: programs by their names, and a start that takes what the image has. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'update-initramfs': `[ ! -e /run/image-fails ] || { echo 'no space left on device' >&2; exit 1; }
[ ! -e /run/image-waits ] || sleep 30
cat ${SETTING} >${IMAGE}.new 2>/dev/null; mv ${IMAGE}.new ${IMAGE}; echo made >>/var/log/images`,
  'update-grub': ':',
  'early-start': `cat ${IMAGE} >${IN_FORCE} 2>/dev/null; rename() { [ ! -e /sys/class/net/$1 ] || ip link set $1 down name $2; }
case $(cat ${IN_FORCE}) in rename) rename eno1 eno9 ;; second) rename eno2 eno8 ;; *) rename eno9 eno1; rename eno8 eno2 ;; esac; echo start >>/var/log/starts`,
}
const UNIT = `[Unit]
DefaultDependencies=no
Before=networking.service sysinit.target
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/early-start
[Install]
WantedBy=sysinit.target
`
/** Long enough for two busy cores, and no longer. */
const WAIT = '[Service]\nEnvironment=ORION_REBOOT_WAIT=8\n'

/** Makes a test host one of these, as on its first day. */
export async function prepare(host: TestHost): Promise<void> {
  const files = Object.entries(PROGRAMS).map(([name, text]) =>
    put(`/usr/local/sbin/${name}`, `#!/bin/sh\n${text}\n`, 755),
  )
  const all = [
    `systemctl stop orion-reboot-check.service 2>/dev/null; rm -rf /var/lib/orion /run/orion-reboot /run/image-* /usr/local/sbin/orion-reboot /etc/systemd/system/orion-reboot-check.service ${SETTING} ${IMAGE}`,
    ...files,
    put('/etc/systemd/system/early-start.service', UNIT),
    put('/etc/systemd/system/orion-reboot-check.service.d/wait.conf', WAIT),
    `: >${IMAGE}; : >${IN_FORCE}; : >/var/log/images; : >/var/log/starts; systemctl daemon-reload; systemctl -q enable early-start`,
  ]
  await host.must(['sh', '-c', all.join('\n')])
}

function put(path: string, text: string, mode = 644): string {
  return `mkdir -p ${path.replace(/\/[^/]*$/, '')}; cat >${path} <<'END-OF-FILE'\n${text}END-OF-FILE\nchmod ${mode} ${path}`
}

export type Place = Omit<HostOptions, 'signal'>

export const placeOf = (host: TestHost): Place => ({
  name: host.name,
  addresses: [host.address],
  identityFile: host.identityFile,
  knownHosts: [host.knownHosts],
  proxyCommand: host.proxyCommand,
  config: '',
  agent: '',
  by: 'me@here (test)',
})

/** The way to one host, and to nothing else. */
export function outsideOf(place: Place, signal = new AbortController().signal): { outside: Outside; host: Host } {
  const host = connectHost({ ...place, signal })
  const outside: Outside = {
    get pve(): never {
      throw new Error('there is no Proxmox VE here')
    },
    host: async () => host,
    forget: () => host.forget(),
    signal,
    text: async () => '',
    keep: async () => undefined,
  }
  return { outside, host }
}

export interface Wish {
  /** What the setting shall be; undefined = none. */
  readonly text: string | undefined
  readonly mode: HostRebootOptions['mode']
  readonly window?: string
  readonly confirmWithinSeconds?: number
}

/** The program on the host, a set of files whose image is made anew, and the restart. */
export function resourcesOf(
  name: string,
  { text, mode, window, confirmWithinSeconds = 60 }: Wish,
): readonly Resource[] {
  const inForce = { commands: { 'in-force': ['cat', IN_FORCE] } }
  const wish = wishOf([{ files: [SETTING] }, inForce, restartFacts(), rebootFacts, rebootSetFacts])
  const set: FileSet = {
    host: name,
    name: 'gpu',
    needs: [`file-set:${name}/reboot`],
    wish,
    files: () => [{ path: SETTING, text }],
    drift: (seen) => (isHalfMade(seen) ? [{ field: 'image', have: 'half made' }] : []),
    activate: [gpuBoot('any')],
    confirmWithinSeconds: 20,
  }
  return [
    fileSet(rebootSet({ name } as Node, wish)),
    fileSet(set),
    hostReboot({
      host: name,
      topic: 'gpu',
      needs: [`file-set:${name}/gpu`],
      wish,
      mode,
      window,
      changes: ['gpu', 'pinning'],
      pending: (seen) => {
        const have = said(seen, 'in-force') ?? ''
        return have === (text ?? '').trim() ? [] : [{ field: 'in force', have, want: text ?? 'none' }]
      },
      disrupts: () => `every guest of ${name}`,
      hint: 'again, with now',
      doctor: 'doctor',
      wayBack: 'undo',
      isWayBack: text === undefined,
      timing: { confirmWithinSeconds, limitMs: 60_000, everyMs: 300 },
    }),
  ]
}
