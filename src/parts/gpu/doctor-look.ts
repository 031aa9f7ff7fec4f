// What the doctor reads of a node beside its devices: the kernel that starts next, early images, troubles in the kernel's log.
import { template } from '../../render.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { PIN_FACTS } from '../net/pinning.ts'
import { machineFacts } from './machine-read.ts'

const LOOK = 'gpu-doctor'
const renderLook = template<object>('gpu/doctor')

export interface DoctorLook {
  /** The kernel that the next start takes; undefined = not told. */
  readonly nextKernel?: string
  /** Of a kernel: does its early image hold what binds devices? Not here = nobody could tell. */
  readonly images: ReadonlyMap<string, boolean>
  /** Lines of `dkms status`: `gasket/1.0, 6.14.8-2-pve, x86_64: installed`. */
  readonly dkms: readonly string[]
  /** Troubles with devices in the kernel's log, since it started. */
  readonly log: readonly string[]
  /** A management controller (IPMI) answers. */
  readonly hasBmc: boolean
  /** Which of the nodes of /dev exist. */
  readonly paths: ReadonlySet<string>
}

/** What a start with GRUB takes from orion, and what binds the devices. */
const FILES = ['/etc/default/grub.d/orion.cfg', '/etc/initramfs-tools/scripts/init-top/orion-vfio']

/** `paths`: nodes of /dev that containers get. */
export function doctorFacts(paths: readonly string[]): readonly Facts[] {
  const look = {
    files: FILES,
    commands: { [LOOK]: ['sh', '-c', renderLook({}), 'orion-gpu-doctor', ...paths] },
  }
  return [machineFacts(), PIN_FACTS, look]
}

/** undefined where the node did not tell all of it. Pure. */
export function getDoctorLook(seen: HostFacts): DoctorLook | undefined {
  const lines = (said(seen, LOOK) ?? '').split('\n').map((line) => line.replace(/\p{Cc}/gu, ' ').trim())
  if (lines.at(-1) !== 'end') return undefined
  const all = (kind: string) =>
    lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1))
  const [nextKernel] = all('next-kernel')
  return {
    ...(nextKernel ? { nextKernel } : {}),
    images: new Map(all('image').map((line) => [line.split(' ')[0] ?? '', line.endsWith(' yes')])),
    dkms: all('dkms'),
    log: all('log'),
    hasBmc: lines.includes('bmc'),
    paths: new Set(all('path')),
  }
}
